"""List and Iterator, and the methods that collections share."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any

from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from ..types import ApexType
from ..values import ApexList, ApexMap, ApexSet, PlatformObject, QueryRows, Record, Value
from ..values.equality import compared
from ..values.types_of import default_element
from .allocation import reserve_items
from .checks import require
from .registry import constructor, method

# Entries of a set or map that one step adds; Python's dict takes much memory.
_ENTRIES_PER_STEP = 2
_ITERATOR = ApexType("Iterator")
# What a clone of a record doesn't have, unless the code asks for it.
_IDENTITY = frozenset({"id"})
_TIMESTAMPS = frozenset(
    {"createddate", "createdbyid", "lastmodifieddate", "lastmodifiedbyid"}
)


@dataclass(slots=True, eq=False, kw_only=True)
class ItemIterator(PlatformObject):
    """An Iterator over the items that a collection had when it was made."""

    type: ApexType = _ITERATOR
    items: list[Value] = field(default_factory=list)
    index: int = 0

    def children(self) -> Iterator[Value]:
        """Yield the items."""
        yield from self.items


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


def check_change(collection: ApexList | ApexSet | ApexMap) -> None:
    """Raise a FinalException if a collection can't change now."""
    if collection.is_read_only:
        raise read_only()
    if collection.iterations:
        message = "Cannot modify a collection while it is being iterated."
        raise thrown("FinalException", message)


def read_only() -> ThrownError:
    """Return the exception for a change of a read-only collection."""
    return thrown("FinalException", "Collection is read-only")


def count_entries(run: Run, count: int) -> None:
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
    check_change(items)
    run.allocate(8)
    items.items.append(value)


@method("List", "add", 2)
def list_insert(run: Run, items: ApexList, index: int | None, value: Value) -> None:
    """Add an element at an index."""
    check_change(items)
    at = _index(items, index, len(items.items) + 1)
    run.allocate(8)
    run.budget.charge_for(len(items.items))
    items.items.insert(at, value)


@method("List", "addAll")
def list_add_all(run: Run, items: ApexList, others: Value) -> None:
    """Add all elements of another collection."""
    check_change(items)
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
    check_change(items)
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
    return ApexList(items.element, [clone_item(run, each, keeps) for each in items.items])


def clone_item(run: Run, value: Value, keeps: tuple[bool | None, ...]) -> Value:
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
    check_change(items)
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
    check_change(items)
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
