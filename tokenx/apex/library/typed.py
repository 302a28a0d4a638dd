"""System.Type: types as values."""

from ..platform import platform_type
from ..runtime.api import Run
from ..runtime.errors import thrown
from ..values import TypeValue, Value
from .checks import null_argument
from .registry import getter, method, static_method
from .schema import object_token

_MOST_NAME = 1_000


@static_method("Type", "forName", 1)
def for_name(run: Run, name: str | None) -> TypeValue | None:
    """Return the type of a name such as Outer.Inner or Map<String, Object>, or null."""
    return _find(run, name)


@static_method("Type", "forName", 2)
def for_name_in(run: Run, namespace: str | None, name: str | None) -> TypeValue | None:
    """Return the type of a name in a namespace; "" is the org's own."""
    if name and namespace and namespace.lower() != "system":
        name = f"{namespace}.{name}"
    return _find(run, name)


def _find(run: Run, name: str | None) -> TypeValue | None:
    if name is None:
        raise null_argument()
    if not name.strip() or len(name) > _MOST_NAME:
        return None
    run.budget.charge()
    found = run.find_type(name.strip())
    return TypeValue(found) if found else None


@method("Type", "getName", "toString")
def get_name(run: Run, receiver: TypeValue) -> str:
    """Return the name of the type."""
    return str(receiver.type)


@method("Type", "newInstance")
def new_instance(run: Run, receiver: TypeValue) -> Value:
    """Make an instance with the constructor that has no parameters."""
    declared = platform_type(receiver.type.name)
    is_bare = declared is not None and (declared.is_abstract or declared.kind != "class")
    if is_bare:
        name = f"Type cannot be constructed: {receiver.type}"
        raise thrown("TypeException", name)
    return run.new_instance(receiver.type, [])


@method("Type", "isAssignableFrom")
def is_assignable_from(run: Run, receiver: TypeValue, source: TypeValue | None) -> bool:
    """Say whether a variable of this type can have a value of another."""
    if source is None:
        raise null_argument()
    return run.extends(source.type, receiver.type)


@getter("Type", "SObjectType")
def sobject_type(run: Run, receiver: TypeValue) -> Value:
    """Return the token of an object's type."""
    return object_token(run, receiver.type.name)
