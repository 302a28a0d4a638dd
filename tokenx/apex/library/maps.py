"""Map."""

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..types import OBJECT, ApexType
from ..values import ApexList, ApexMap, ApexSet, Id, QueryRows, Record, Value
from ..values.types_of import default_element
from .allocation import reserve_items
from .checks import require
from .collections import check_change, clone_item, count_entries, iterate
from .registry import constructor, method


@constructor("Map")
def new_map(run: Run, type_: ApexType, items: Value = None) -> ApexMap:
    """Make a map: empty, with another map's pairs, or with records by their IDs."""
    made = ApexMap(default_element(type_), default_element(type_, 1))
    run.allocate(16)
    if items is not None and not isinstance(items, int):
        map_put_all(run, made, items)
    return made


@method("Map", "get")
def map_get(run: Run, items: ApexMap, key: Value) -> Value:
    """Return the value of a key, or null."""
    found = items.items.get(run.key_of(key))
    return found[1] if found else None


@method("Map", "put")
def map_put(run: Run, items: ApexMap, key: Value, value: Value) -> Value:
    """Set the value of a key; return the one that it had."""
    check_change(items)
    run.allocate(16)
    return _put(run, items, key, value)


def _put(run: Run, items: ApexMap, key: Value, value: Value) -> Value:
    identity = run.key_of(key)
    old = items.items.get(identity)
    items.items[identity] = (old[0] if old else key, value)
    return old[1] if old else None


@method("Map", "putAll")
def map_put_all(run: Run, items: ApexMap, others: Value) -> None:
    """Add the pairs of another map, or records by their IDs."""
    require(others)
    check_change(items)
    if not isinstance(others, ApexMap):
        _put_records(run, items, others)
        return
    for key, value in list(others.items.values()):
        count_entries(run, 2)
        key, value = run.coerce(key, items.key), run.coerce(value, items.value)
        _put(run, items, key, value)


def _put_records(run: Run, items: ApexMap, records: Value) -> None:
    for index, each in enumerate(iterate(run, records)):
        count_entries(run, 2)
        identity = each.fields.get("id") if isinstance(each, Record) else None
        if identity is None:
            raise thrown("ListException", f"Row with null Id at index: {index}")
        key = run.coerce(Id(identity), items.key)
        if run.key_of(key) in items.items and not isinstance(records, QueryRows):
            raise thrown("ListException", f"Row with duplicate Id at index: {index}")
        _put(run, items, key, run.coerce(each, items.value))


@method("Map", "remove")
def map_remove(run: Run, items: ApexMap, key: Value) -> Value:
    """Remove a key; return its value."""
    check_change(items)
    found = items.items.pop(run.key_of(key), None)
    return found[1] if found else None


@method("Map", "clear")
def map_clear(run: Run, items: ApexMap) -> None:
    """Remove all pairs."""
    del run
    check_change(items)
    items.items.clear()


@method("Map", "containsKey")
def map_contains_key(run: Run, items: ApexMap, key: Value) -> bool:
    """Say whether a map has a key; texts with their case."""
    return run.key_of(key) in items.items


@method("Map", "keySet")
def map_key_set(run: Run, items: ApexMap) -> ApexSet:
    """Return the keys; removing one from the set removes its pair."""
    count_entries(run, len(items.items))
    keys = {identity: key for identity, (key, _) in items.items.items()}
    return ApexSet(items.key, keys, origin=items, is_read_only=items.is_read_only)


@method("Map", "values")
def map_values(run: Run, items: ApexMap) -> ApexList:
    """Return the values as a list."""
    reserve_items(run, len(items.items))
    return ApexList(items.value, [value for _, value in items.items.values()])


@method("Map", "clone")
def map_clone(run: Run, items: ApexMap) -> ApexMap:
    """Return a map with the same pairs."""
    count_entries(run, 2 * len(items.items))
    return ApexMap(items.key, items.value, dict(items.items))


@method("Map", "deepClone")
def map_deep_clone(run: Run, items: ApexMap, *keeps: bool | None) -> ApexMap:
    """Return a map with clones of the records."""
    count_entries(run, 2 * len(items.items))
    pairs = {
        identity: (key, clone_item(run, value, keeps))
        for identity, (key, value) in items.items.items()
    }
    return ApexMap(items.key, items.value, pairs)


def list_of_items(run: Run, items: list[Value], element: ApexType = OBJECT) -> ApexList:
    """Return values as a list of Apex; its memory is reserved here."""
    reserve_items(run, len(items))
    return ApexList(element, items)
