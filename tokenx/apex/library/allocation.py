"""Values that many functions of the library create, with their memory reserved first."""

from functools import cache

from ..platform import platform_type
from ..runtime.api import Run
from ..types import STRING, ApexType
from ..values import ApexList, ApexMap, EnumConstant, Value

# Items of a collection that one step handles.
ITEMS_PER_STEP = 20


def reserve_text(run: Run, size: int) -> None:
    """Reserve memory for a text that will have so many characters, and count the work."""
    run.allocate(size)
    run.budget.charge_for(size)


def reserve_items(run: Run, count: int) -> None:
    """Reserve memory for the items of a collection, and count the work."""
    run.allocate(8 * count)
    run.budget.charge_for(count, ITEMS_PER_STEP)


def encode(run: Run, text: str) -> bytes:
    """Return a text in UTF-8. A lone surrogate becomes a question mark, as in Java."""
    run.budget.charge_for(len(text))
    run.allocate(len(text) if text.isascii() else 3 * len(text))
    return text.encode("utf-8", "replace")


def decode(run: Run, content: bytes) -> str:
    """Return bytes in UTF-8 as text, with U+FFFD in place of invalid bytes."""
    run.budget.charge_for(len(content))
    run.allocate(len(content))
    return content.decode("utf-8", "replace")


def list_of_texts(run: Run, texts: list[str]) -> ApexList:
    """Return a List<String>."""
    run.allocate(8 * len(texts) + sum(map(len, texts)))
    return ApexList(STRING, texts)


def map_of(run: Run, value_type: ApexType, pairs: dict[str, Value]) -> ApexMap:
    """Return a Map<String, value_type> of values that exist already."""
    run.allocate(16 * len(pairs) + sum(map(len, pairs)))
    items = {run.key_of(key): (key, value) for key, value in pairs.items()}
    return ApexMap(STRING, value_type, items)


@cache
def constant(type_name: str, name: str) -> EnumConstant:
    """Return a value of an enum of the platform by its exact names."""
    declared = platform_type(type_name)
    values = declared.values if declared else ()
    return EnumConstant(ApexType(type_name), name, values.index(name))
