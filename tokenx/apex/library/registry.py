"""Finds the function that runs a method, constructor, or property of the platform.

The module of a type registers its functions:

    @static_method("String", "isBlank")
    def is_blank(run: Run, text: str | None) -> bool: ...

    @method("String", "abbreviate", 1, 2)
    def abbreviate(run: Run, text: str, width: int, offset: int = 0) -> str: ...

    @constructor("HttpRequest")
    def new_request(run: Run, type_: ApexType) -> HttpRequest: ...

    @getter("Auth.JWT", "aud")  …  @setter(…)

The interpreter converts arguments to the types of the signature in `platform/data` that
fits best, so an Integer arrives as Decimal where the signature says so. A receiver is never
null. The interpreter has counted one step; a function counts more if its work depends on
the size of its input (`run.budget.charge_for`), and reserves what it makes
(`run.allocate`) first. It raises `thrown(…)` for exceptions.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TypeVar

Function = Callable[..., object]
F = TypeVar("F", bound=Function)

# Modules that register functions when they're imported.
MODULES = (
    "text",
    "text_parts",
    "text_search",
    "text_changes",
    "numbers",
    "math_functions",
    "dates",
    "datetimes",
    "times",
    "patterns",
    "matchers",
    "collections",
    "sets",
    "maps",
    "objects",
    "system",
    "asserting",
    "limits",
    "users",
    "typed",
    "encoding",
    "exceptions",
    "records",
    "schema",
    "database",
    "urls",
    "http",
    "json",
    "json_parser",
    "xml",
    "xml_stream",
    "crypto",
    "encryption",
    "auth",
    "jwt",
    "signing",
)

_methods: dict[tuple[str, str, bool], dict[int | None, Function]] = {}
_constructors: dict[str, Function] = {}
_getters: dict[tuple[str, str], Function] = {}
_setters: dict[tuple[str, str], Function] = {}


def key(type_name: str) -> str:
    """Return the key of a type: lower case, without System."""
    return type_name.lower().removeprefix("system.")


def method(type_name: str, *names: str | int) -> Callable[[F], F]:
    """Register an instance method under one or more names.

    With numbers, it's registered for calls with that many arguments only.
    """
    return _registering(type_name, names, is_static=False)


def static_method(type_name: str, *names: str | int) -> Callable[[F], F]:
    """Register a static method; see `method`."""
    return _registering(type_name, names, is_static=True)


def _registering(
    type_name: str, names: tuple[str | int, ...], *, is_static: bool
) -> Callable[[F], F]:
    numbers = [each for each in names if isinstance(each, int)]
    counts: list[int | None] = [*numbers] or [None]

    def register(function: F) -> F:
        for name in names:
            if isinstance(name, str):
                place = key(type_name), name.lower(), is_static
                by_count = _methods.setdefault(place, {})
                by_count.update(dict.fromkeys(counts, function))
        return function

    return register


def constructor(type_name: str) -> Callable[[F], F]:
    """Register a constructor; the function gets the run, the type, and the arguments."""

    def register(function: F) -> F:
        _constructors[key(type_name)] = function
        return function

    return register


def getter(type_name: str, *names: str) -> Callable[[F], F]:
    """Register how a property is read; the function gets the run and the receiver."""

    def register(function: F) -> F:
        _getters.update({(key(type_name), name.lower()): function for name in names})
        return function

    return register


def setter(type_name: str, *names: str) -> Callable[[F], F]:
    """Register how a property is written: the run, the receiver, and the value."""

    def register(function: F) -> F:
        _setters.update({(key(type_name), name.lower()): function for name in names})
        return function

    return register


@cache
def _load() -> None:
    for name in MODULES:
        import_module(f"{__package__}.{name}")


def find_method(
    type_name: str, name: str, count: int, *, is_static: bool
) -> Function | None:
    """Return the function of a method with so many arguments, or None."""
    _load()
    by_count = _methods.get((key(type_name), name.lower(), is_static), {})
    return by_count.get(count) or by_count.get(None)


def find_constructor(type_name: str) -> Function | None:
    """Return the function of a type's constructors, or None."""
    _load()
    return _constructors.get(key(type_name))


def find_getter(type_name: str, name: str) -> Function | None:
    """Return the function that reads a property, or None."""
    _load()
    return _getters.get((key(type_name), name.lower()))


def find_setter(type_name: str, name: str) -> Function | None:
    """Return the function that writes a property, or None."""
    _load()
    return _setters.get((key(type_name), name.lower()))
