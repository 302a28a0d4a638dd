"""Account and Contact: tokenx knows their fields, but has no records of them.

A query returns no rows. A change is checked and counted, and has no other effect, so a
class that changes one of them and a user has the error of mixed changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tokenx.apex.runtime.ports import DmlOutcome
from tokenx.apex.values import Id, Record
from tokenx.apex.values.kinds import DmlError
from tokenx.org.record_ids import record_id

_ADDRESS = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude")
_COMMON = {
    "Id": "Id",
    "Name": "String",
    "OwnerId": "Id",
    "Owner": "User",
    "RecordTypeId": "Id",
    "CreatedById": "Id",
    "CreatedBy": "User",
    "CreatedDate": "Datetime",
    "LastModifiedById": "Id",
    "LastModifiedBy": "User",
    "LastModifiedDate": "Datetime",
    "SystemModstamp": "Datetime",
    "LastActivityDate": "Date",
    "LastViewedDate": "Datetime",
    "LastReferencedDate": "Datetime",
    "IsDeleted": "Boolean",
    "MasterRecordId": "Id",
    "PhotoUrl": "String",
    "Jigsaw": "String",
    "JigsawCompanyId": "String",
    "Description": "String",
    "Phone": "String",
    "Fax": "String",
}
_NUMBERS = {"Latitude": "Double", "Longitude": "Double"}


def _address(prefix: str) -> dict[str, str]:
    return {f"{prefix}{part}": _NUMBERS.get(part, "String") for part in _ADDRESS}


_ACCOUNT = {
    **_COMMON,
    **_address("Billing"),
    **_address("Shipping"),
    "AccountNumber": "String",
    "AccountSource": "String",
    "AnnualRevenue": "Decimal",
    "CleanStatus": "String",
    "DunsNumber": "String",
    "FirstName": "String",
    "Industry": "String",
    "IsCustomerPortal": "Boolean",
    "IsPartner": "Boolean",
    "IsPersonAccount": "Boolean",
    "LastName": "String",
    "NaicsCode": "String",
    "NaicsDesc": "String",
    "NumberOfEmployees": "Integer",
    "Ownership": "String",
    "Parent": "Account",
    "ParentId": "Id",
    "PersonContactId": "Id",
    "PersonEmail": "String",
    "Rating": "String",
    "Sic": "String",
    "SicDesc": "String",
    "Site": "String",
    "TickerSymbol": "String",
    "Tradestyle": "String",
    "Type": "String",
    "Website": "String",
    "YearStarted": "String",
}
_CONTACT = {
    **_COMMON,
    **_address("Mailing"),
    **_address("Other"),
    "Account": "Account",
    "AccountId": "Id",
    "AssistantName": "String",
    "AssistantPhone": "String",
    "Birthdate": "Date",
    "CleanStatus": "String",
    "Department": "String",
    "DoNotCall": "Boolean",
    "Email": "String",
    "EmailBouncedDate": "Datetime",
    "EmailBouncedReason": "String",
    "FirstName": "String",
    "HasOptedOutOfEmail": "Boolean",
    "HasOptedOutOfFax": "Boolean",
    "HomePhone": "String",
    "IndividualId": "Id",
    "IsEmailBounced": "Boolean",
    "LastCURequestDate": "Datetime",
    "LastCUUpdateDate": "Datetime",
    "LastName": "String",
    "LeadSource": "String",
    "MiddleName": "String",
    "MobilePhone": "String",
    "OtherPhone": "String",
    "ReportsTo": "Contact",
    "ReportsToId": "Id",
    "Salutation": "String",
    "Suffix": "String",
    "Title": "String",
}


class AbsentFields(Mapping[str, str]):
    """The Apex types of an object's fields by lower-case name; any custom field exists."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = {name.lower(): type_ for name, type_ in types.items()}
        self.names = {name.lower(): name for name in types}

    def __getitem__(self, name: str) -> str:
        if name.lower().endswith("__c"):
            return "Object"
        return self._types[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)


@dataclass(frozen=True)
class AbsentObject:
    """An object without records: its name, prefix of IDs, fields, and required field."""

    name: str
    prefix: str
    fields: AbsentFields
    required: str


ABSENT = {
    each.name.lower(): each
    for each in (
        AbsentObject("Account", "001", AbsentFields(_ACCOUNT), "Name"),
        AbsentObject("Contact", "003", AbsentFields(_CONTACT), "LastName"),
    )
}


class AbsentRecords:
    """The records of these objects that a run made, which it discards at its end."""

    def __init__(self) -> None:
        self._made: set[Id] = set()
        self._last = 0

    def change(
        self, operation: str, place: int, record: Record, object_: AbsentObject
    ) -> DmlOutcome:
        """Check one row's change: return its ID, or why Salesforce wouldn't save it."""
        if operation == "upsert":
            operation = "update" if record.id else "insert"
        if operation == "insert":
            return self._insert(place, record, object_)
        if record.id is None:
            message = f"Id not specified in an {operation} call"
            return _refused(place, "MISSING_ARGUMENT", message)
        if record.id not in self._made:
            message = "invalid cross reference id"
            return _refused(place, "INVALID_CROSS_REFERENCE_KEY", message)
        if operation == "update" and _is_emptied(record, object_):
            return _missing(place, object_)
        if operation == "delete":
            self._made.discard(record.id)
        return DmlOutcome(record.id)

    def _insert(self, place: int, record: Record, object_: AbsentObject) -> DmlOutcome:
        if record.id is not None:
            return cannot_specify_id(place)
        names = [object_.required]
        if object_.name == "Account":
            names.append("LastName")  # Of a person account.
        if not any(record.fields.get(name.lower()) for name in names):
            return _missing(place, object_)
        self._last += 1
        id_ = Id(record_id(object_.prefix, self._last))
        self._made.add(id_)
        return DmlOutcome(id_, is_created=True)

    @property
    def made(self) -> frozenset[Id]:
        """The IDs of the records that the run made. Setting them undoes later changes."""
        return frozenset(self._made)

    @made.setter
    def made(self, ids: frozenset[Id]) -> None:
        self._made = set(ids)

    def has_made(self, id_: object) -> bool:
        """Say whether this run made the record."""
        return id_ in self._made


def _is_emptied(record: Record, object_: AbsentObject) -> bool:
    name = object_.required.lower()
    return name in record.fields and not record.fields[name]


def _missing(place: int, object_: AbsentObject) -> DmlOutcome:
    name = object_.required
    message = f"Required fields are missing: [{name}]"
    return _refused(place, "REQUIRED_FIELD_MISSING", message, (name,))


def cannot_specify_id(place: int) -> DmlOutcome:
    """Return Salesforce's refusal to insert a record that has an ID."""
    message = "cannot specify Id in an insert call"
    return _refused(place, "INVALID_FIELD_FOR_INSERT_UPDATE", message, ("Id",))


def _refused(place: int, code: str, message: str, fields: Sequence[str] = ()) -> DmlOutcome:
    return DmlOutcome(None, (DmlError(place, code, message, tuple(fields)),))
