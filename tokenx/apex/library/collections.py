"""List, Set, Map, and Iterator."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any

from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from ..types import OBJECT, ApexType
from ..values import (
    ApexList,
    ApexMap,
    ApexSet,
    Id,
    PlatformObject,
    QueryRows,
    Record,
    Value,
)
from ..values.equality import compared
from ..values.types_of import default_element
from .arguments import require, reserve_items
from .registry import constructor, method

# Entries of a set or map that one step adds; Python's dict takes much memory.
_ENTRIES_PER_STEP = 2
# What a clone of a record doesn't have, unless the code asks for it.
_IDENTITY = frozenset({"id"})
_TIMESTAMPS = frozenset(
    {"createddate", "createdbyid", "lastmodifieddate", "lastmodifiedbyid"}
)


@dataclass(slots=True, eq=False, kw_only=True)
class ItemIterator(PlatformObject):
    """An Iterator over the items that a collection had when it was made."""

    type: ApexType = ApexType("Iterator")  # noqa: RUF009
    items: list[Value] = field(default_factory=list)
    index: int = 0

    def children(self) -> Iterable[Value]:  # type: ignore[override]
        """Yield the items."""
        return self.items


def iterate(run: Run, items: Value) -> Iterable[Value]:
    """Return the items of a list, set, or query, or those of the code's own Iterable."""
    match items:
        case None:
            raise thrown("NullPointerException", "Argument cannot be null.")
        case ApexList():
            return list(items.items)
        case ApexSet():
            return list(items.items.values())
        case QueryRows():
            return list(items.records)
    return _of_iterator(run, run.call(items, "iterator"))


def _of_iterator(run: Run, iterator: Value) -> Iterable[Value]:
    while run.call(iterator, "hasNext") is True:
        run.budget.charge()
        yield run.call(iterator, "next")


def _check_change(collection: ApexList | ApexSet | ApexMap) -> None:
    """Raise a FinalException if a collection can't change now."""
    if collection.is_read_only:
        raise read_only()
    if collection.iterations:
        message = "Cannot modify a collection while it is being iterated."
        raise thrown("FinalException", message)


def read_only() -> ThrownError:
    """Return the exception for a change of a read-only collection."""
    return thrown("FinalException", "Collection is read-only")


def _count_entries(run: Run, count: int) -> None:
    run.allocate(8 * count)
    run.budget.charge_for(count, _ENTRIES_PER_STEP)


# --- List --------------------------------------------------------------------------------


@constructor("List")
def new_list(run: Run, type_: ApexType, items: Value = None) -> ApexList:
    """Make a list: empty, with a capacity, or with the items of another collection."""
    made = ApexList(default_element(type_))
    run.allocate(16)
    if isinstance(items, int):
        if items < 0:
            raise thrown("ListException", f"Invalid list size: {items}")
        return made
    if items is not None:
        list_add_all(run, made, items)
    return made


def _index(items: ApexList, index: int | None, size: int) -> int:
    require(index)
    if index is None or not 0 <= index < size:
        raise thrown("ListException", f"List index out of bounds: {index}")
    return index


@method("List", "add", 1)
def list_add(run: Run, items: ApexList, value: Value) -> None:
    """Add an element at the end."""
    _check_change(items)
    run.allocate(8)
    items.items.append(value)


@method("List", "add", 2)
def list_insert(run: Run, items: ApexList, index: int | None, value: Value) -> None:
    """Add an element at an index."""
    _check_change(items)
    at = _index(items, index, len(items.items) + 1)
    run.allocate(8)
    run.budget.charge_for(len(items.items))
    items.items.insert(at, value)


@method("List", "addAll")
def list_add_all(run: Run, items: ApexList, others: Value) -> None:
    """Add all elements of another collection."""
    _check_change(items)
    added = iterate(run, others)
    if isinstance(added, list):
        reserve_items(run, len(added))
    for each in added:
        if not isinstance(added, list):
            run.allocate(8)
        items.items.append(run.coerce(each, items.element))


@method("List", "clear")
def list_clear(run: Run, items: ApexList) -> None:
    """Remove all elements."""
    del run
    _check_change(items)
    items.items.clear()


@method("List", "clone")
def list_clone(run: Run, items: ApexList) -> ApexList:
    """Return a list with the same elements."""
    reserve_items(run, len(items.items))
    return ApexList(items.element, list(items.items))


@method("List", "deepClone")
def list_deep_clone(run: Run, items: ApexList, *keeps: bool | None) -> ApexList:
    """Return a list with clones of the records."""
    reserve_items(run, len(items.items))
    return ApexList(items.element, [_clone(run, each, keeps) for each in items.items])


def _clone(run: Run, value: Value, keeps: tuple[bool | None, ...]) -> Value:
    """Clone a record; it keeps its ID and its timestamps only if the code asks for it."""
    if not isinstance(value, Record):
        return value
    run.allocate(16 + 16 * len(value.fields))
    run.budget.charge_for(len(value.fields), 10)
    dropped: frozenset[str] = frozenset()
    if not (keeps[:1] and keeps[0]):
        dropped |= _IDENTITY
    if not (keeps[1:2] and keeps[1]):
        dropped |= _TIMESTAMPS
    fields = {name: each for name, each in value.fields.items() if name not in dropped}
    return Record(value.object_name, fields)


@method("List", "contains")
def list_contains(run: Run, items: ApexList, value: Value) -> bool:
    """Say whether a list has an element."""
    return list_index_of(run, items, value) >= 0


@method("List", "indexOf")
def list_index_of(run: Run, items: ApexList, value: Value) -> int:
    """Return the first index of an element, or -1. Texts are compared with their case."""
    wanted = run.key_of(value)
    for at, each in enumerate(list(items.items)):
        if at % 4 == 0:
            run.budget.charge()
        if run.key_of(each) == wanted:
            return at
    return -1


@method("List", "equals")
@method("Set", "equals")
@method("Map", "equals")
def equals(run: Run, one: Value, other: Value) -> bool:
    """Say whether two collections have the same contents."""
    return run.is_equal(one, other)


@method("List", "get")
def list_get(run: Run, items: ApexList, index: int | None) -> Value:
    """Return the element at an index."""
    del run
    return items.items[_index(items, index, len(items.items))]


@method("List", "set")
def list_set(run: Run, items: ApexList, index: int | None, value: Value) -> None:
    """Replace the element at an index."""
    del run
    if items.is_read_only:
        raise read_only()
    items.items[_index(items, index, len(items.items))] = value


@method("List", "remove")
def list_remove(run: Run, items: ApexList, index: int | None) -> Value:
    """Remove the element at an index and return it."""
    _check_change(items)
    run.budget.charge_for(len(items.items))
    return items.items.pop(_index(items, index, len(items.items)))


@method("List", "isEmpty")
@method("Set", "isEmpty")
@method("Map", "isEmpty")
def is_empty(run: Run, collection: ApexList | ApexSet | ApexMap) -> bool:
    """Say whether a collection has nothing."""
    del run
    return not collection.items


@method("List", "size")
@method("Set", "size")
@method("Map", "size")
def size(run: Run, collection: ApexList | ApexSet | ApexMap) -> int:
    """Return how much a collection has."""
    del run
    return len(collection.items)


@method("List", "iterator")
@method("Set", "iterator")
def iterator(run: Run, collection: ApexList | ApexSet) -> ItemIterator:
    """Return an iterator over the elements."""
    items = list(iterate(run, collection))
    reserve_items(run, len(items))
    return ItemIterator(items=items)


@method("Iterator", "hasNext")
def has_next(run: Run, items: ItemIterator) -> bool:
    """Say whether more elements follow."""
    del run
    return items.index < len(items.items)


@method("Iterator", "next")
def next_item(run: Run, items: ItemIterator) -> Value:
    """Return the next element."""
    if not has_next(run, items):
        raise thrown("NoSuchElementException")
    items.index += 1
    return items.items[items.index - 1]


@method("List", "sort", 0)
def list_sort(run: Run, items: ApexList) -> None:
    """Sort the elements: by value, by compareTo, and null first."""
    _sort(run, items, run.compare)


@method("List", "sort", 1)
def list_sort_with(run: Run, items: ApexList, comparator: Value) -> None:
    """Sort the elements with a Comparator."""
    require(comparator)

    def compare(one: Value, other: Value) -> int:
        return compared(run.call(comparator, "compare", [one, other]))

    _sort(run, items, compare)


def _sort(run: Run, items: ApexList, compare: Any) -> None:
    _check_change(items)
    reserve_items(run, len(items.items))

    def counted(one: Value, other: Value) -> int:
        run.budget.charge()
        result: int = compare(one, other)
        return result

    # A single element is compared too: it must have an order.
    if len(items.items) == 1 and items.items[0] is not None:
        counted(items.items[0], items.items[0])
    ordered = sorted(items.items, key=cmp_to_key(counted))
    items.items[:] = ordered


# --- Set ---------------------------------------------------------------------------------


@constructor("Set")
def new_set(run: Run, type_: ApexType, items: Value = None) -> ApexSet:
    """Make a set: empty, with a capacity, or with the items of another collection."""
    made = ApexSet(default_element(type_))
    run.allocate(16)
    if items is not None and not isinstance(items, int):
        set_add_all(run, made, items)
    return made


def _check_addition(items: ApexSet) -> None:
    if items.origin is not None:
        raise read_only()
    _check_change(items)


def _add(run: Run, items: ApexSet, value: Value) -> bool:
    key = run.key_of(value)
    if key in items.items:
        return False
    items.items[key] = value
    return True


@method("Set", "add")
def set_add(run: Run, items: ApexSet, value: Value) -> bool:
    """Add an element; say whether the set didn't have it."""
    _check_addition(items)
    run.allocate(8)
    return _add(run, items, value)


@method("Set", "addAll")
def set_add_all(run: Run, items: ApexSet, others: Value) -> bool:
    """Add all elements of another collection; say whether the set changed."""
    _check_addition(items)
    is_changed = False
    for each in iterate(run, others):
        _count_entries(run, 1)
        run.budget.charge()
        is_changed |= _add(run, items, run.coerce(each, items.element))
    return is_changed


@method("Set", "clear")
def set_clear(run: Run, items: ApexSet) -> None:
    """Remove all elements."""
    _check_change(items)
    for key in list(items.items):
        _drop(run, items, key)


def _drop(run: Run, items: ApexSet, key: Any) -> bool:
    """Remove an element by its key, also from the map whose keys the set has."""
    if key not in items.items:
        return False
    if items.origin is not None:
        _check_change(items.origin)
        items.origin.items.pop(key, None)
    items.items.pop(key, None)
    return True


@method("Set", "remove")
def set_remove(run: Run, items: ApexSet, value: Value) -> bool:
    """Remove an element; say whether the set had it."""
    _check_change(items)
    return _drop(run, items, run.key_of(value))


@method("Set", "removeAll")
def set_remove_all(run: Run, items: ApexSet, others: Value) -> bool:
    """Remove all elements of another collection; say whether the set changed."""
    _check_change(items)
    is_changed = False
    for each in iterate(run, others):
        run.budget.charge_for(1, 1)
        is_changed |= _drop(run, items, run.key_of(run.coerce(each, items.element)))
    return is_changed


@method("Set", "retainAll")
def set_retain_all(run: Run, items: ApexSet, others: Value) -> bool:
    """Remove all elements that another collection doesn't have."""
    _check_change(items)
    wanted = set()
    for each in iterate(run, others):
        _count_entries(run, 1)
        run.budget.charge()
        wanted.add(run.key_of(run.coerce(each, items.element)))
    run.budget.charge_for(len(items.items), 10)
    dropped = [key for key in list(items.items) if key not in wanted]
    for key in dropped:
        _drop(run, items, key)
    return bool(dropped)


@method("Set", "contains")
def set_contains(run: Run, items: ApexSet, value: Value) -> bool:
    """Say whether a set has an element; texts with their case."""
    return run.key_of(value) in items.items


@method("Set", "containsAll")
def set_contains_all(run: Run, items: ApexSet, others: Value) -> bool:
    """Say whether a set has all elements of another collection."""
    for each in iterate(run, others):
        run.budget.charge()
        if run.key_of(run.coerce(each, items.element)) not in items.items:
            return False
    return True


@method("Set", "clone")
def set_clone(run: Run, items: ApexSet) -> ApexSet:
    """Return a set with the same elements."""
    _count_entries(run, len(items.items))
    return ApexSet(items.element, dict(items.items))


# --- Map ---------------------------------------------------------------------------------


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
    _check_change(items)
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
    _check_change(items)
    if not isinstance(others, ApexMap):
        _put_records(run, items, others)
        return
    for key, value in list(others.items.values()):
        _count_entries(run, 2)
        key, value = run.coerce(key, items.key), run.coerce(value, items.value)
        _put(run, items, key, value)


def _put_records(run: Run, items: ApexMap, records: Value) -> None:
    for index, each in enumerate(iterate(run, records)):
        _count_entries(run, 2)
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
    _check_change(items)
    found = items.items.pop(run.key_of(key), None)
    return found[1] if found else None


@method("Map", "clear")
def map_clear(run: Run, items: ApexMap) -> None:
    """Remove all pairs."""
    del run
    _check_change(items)
    items.items.clear()


@method("Map", "containsKey")
def map_contains_key(run: Run, items: ApexMap, key: Value) -> bool:
    """Say whether a map has a key; texts with their case."""
    return run.key_of(key) in items.items


@method("Map", "keySet")
def map_key_set(run: Run, items: ApexMap) -> ApexSet:
    """Return the keys; removing one from the set removes its pair."""
    _count_entries(run, len(items.items))
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
    _count_entries(run, 2 * len(items.items))
    return ApexMap(items.key, items.value, dict(items.items))


@method("Map", "deepClone")
def map_deep_clone(run: Run, items: ApexMap, *keeps: bool | None) -> ApexMap:
    """Return a map with clones of the records."""
    _count_entries(run, 2 * len(items.items))
    pairs = {
        identity: (key, _clone(run, value, keeps))
        for identity, (key, value) in items.items.items()
    }
    return ApexMap(items.key, items.value, pairs)


def list_of_items(run: Run, items: list[Value], element: ApexType = OBJECT) -> ApexList:
    """Return values as a list of Apex; its memory is reserved here."""
    reserve_items(run, len(items))
    return ApexList(element, items)
