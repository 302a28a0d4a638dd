"""System.assert… and Assert. A failed assertion ends the run; code can't catch it."""

from ..runtime.api import Run
from ..runtime.errors import AssertionFailedError
from ..values import TypeValue, Value
from .checks import null_argument
from .registry import static_method


def _fail(run: Run, message: tuple[Value, ...], detail: str = "") -> None:
    """End the run with the texts of Salesforce; the message is optional."""
    parts = ["Assertion Failed"]
    parts += [run.to_text(each) for each in message if each is not None]
    if detail:
        parts.append(detail)
    size = sum(map(len, parts))
    run.allocate(size)
    raise AssertionFailedError(": ".join(parts))


def _texts(run: Run, expected: Value, actual: Value) -> str:
    one, other = run.to_text(expected), run.to_text(actual)
    run.allocate(len(one) + len(other) + 22)
    return f"Expected: {one}, Actual: {other}"


@static_method("System", "assert")
def assert_true(run: Run, condition: bool | None, *message: Value) -> None:
    """Fail unless a condition is true."""
    if condition is None:
        raise null_argument()
    if not condition:
        _fail(run, message)


@static_method("System", "assertEquals")
@static_method("Assert", "areEqual")
def assert_equals(run: Run, expected: Value, actual: Value, *message: Value) -> None:
    """Fail unless both are equal, as by `==`, with regard to case in strings."""
    if not _is_same(run, expected, actual):
        detail = _texts(run, expected, actual)
        _fail(run, message, detail=detail)


@static_method("System", "assertNotEquals")
@static_method("Assert", "areNotEqual")
def assert_not_equals(run: Run, expected: Value, actual: Value, *message: Value) -> None:
    """Fail if both are equal."""
    if _is_same(run, expected, actual):
        detail = f"Same value: {run.to_text(actual)}"
        _fail(run, message, detail=detail)


def _is_same(run: Run, one: Value, other: Value) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        run.budget.charge_for(min(len(one), len(other)))
        return str(one) == str(other)
    return run.is_equal(one, other)


@static_method("Assert", "fail")
def fail(run: Run, *message: Value) -> None:
    """Fail."""
    _fail(run, message)


@static_method("Assert", "isTrue")
def is_true(run: Run, condition: bool | None, *message: Value) -> None:
    """Fail unless a condition is true."""
    if condition is not True:
        detail = f"Expected: true, Actual: {run.to_text(condition)}"
        _fail(run, message, detail=detail)


@static_method("Assert", "isFalse")
def is_false(run: Run, condition: bool | None, *message: Value) -> None:
    """Fail unless a condition is false."""
    if condition is not False:
        detail = f"Expected: false, Actual: {run.to_text(condition)}"
        _fail(run, message, detail=detail)


@static_method("Assert", "isNull")
def is_null(run: Run, value: Value, *message: Value) -> None:
    """Fail unless a value is null."""
    if value is not None:
        detail = _texts(run, None, value)
        _fail(run, message, detail=detail)


@static_method("Assert", "isNotNull")
def is_not_null(run: Run, value: Value, *message: Value) -> None:
    """Fail if a value is null."""
    if value is None:
        detail = "Same value: null"
        _fail(run, message, detail=detail)


@static_method("Assert", "isInstanceOfType")
def is_instance_of(
    run: Run, value: Value, type_: TypeValue | None, *message: Value
) -> None:
    """Fail unless a value has a type."""
    if type_ is None:
        raise null_argument()
    if not run.is_instance(value, type_.type):
        detail = f"Expected: {type_.type}, Actual: {_type_name(run, value)}"
        _fail(run, message, detail=detail)


@static_method("Assert", "isNotInstanceOfType")
def is_not_instance_of(
    run: Run, value: Value, type_: TypeValue | None, *message: Value
) -> None:
    """Fail if a value has a type."""
    if type_ is None:
        raise null_argument()
    if run.is_instance(value, type_.type):
        detail = f"Not expected: {type_.type}, Actual: {_type_name(run, value)}"
        _fail(run, message, detail=detail)


def _type_name(run: Run, value: Value) -> str:
    return "null" if value is None else str(run.type_of(value))
