"""The values of running Apex code.

| Apex | Python |
|---|---|
| null | None |
| Boolean | bool |
| Integer | int, never a bool |
| Long | Long |
| Double | float |
| Decimal | decimal.Decimal |
| String | str; a surrogate pair that was cut apart leaves a lone surrogate |
| Id | Id, a str of 18 characters |
| Blob | bytes |
| Date | datetime.date |
| Datetime | datetime.datetime with zone UTC and whole milliseconds |
| Time | datetime.time without a zone, in whole milliseconds |
| List, Set, Map | ApexList, ApexSet, ApexMap |
| a record | Record |
| the result of a query | QueryRows, until a target says whether it's a list or a row |
| an enum's value | EnumConstant |
| an instance of a class of the org | Instance |
| an instance of a platform class | a subclass of PlatformObject |
| an exception of the platform | ExceptionObject |
| System.Type | TypeValue |
"""

from .kinds import (
    ApexList,
    ApexMap,
    ApexSet,
    EnumConstant,
    ExceptionObject,
    Id,
    Instance,
    Long,
    PlatformObject,
    QueryRows,
    Record,
    TypeValue,
    Value,
)

__all__ = [
    "ApexList",
    "ApexMap",
    "ApexSet",
    "EnumConstant",
    "ExceptionObject",
    "Id",
    "Instance",
    "Long",
    "PlatformObject",
    "QueryRows",
    "Record",
    "TypeValue",
    "Value",
]
