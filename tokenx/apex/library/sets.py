"""Set."""

from typing import Any

from ..runtime.api import Run
from ..types import ApexType
from ..values import ApexSet, Value
from ..values.types_of import default_element
from .collections import check_change, count_entries, iterate, read_only
from .registry import constructor, method


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
    check_change(items)


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
        count_entries(run, 1)
        run.budget.charge()
        is_changed |= _add(run, items, run.coerce(each, items.element))
    return is_changed


@method("Set", "clear")
def set_clear(run: Run, items: ApexSet) -> None:
    """Remove all elements."""
    check_change(items)
    for key in list(items.items):
        _drop(run, items, key)


def _drop(run: Run, items: ApexSet, key: Any) -> bool:
    """Remove an element by its key, also from the map whose keys the set has."""
    if key not in items.items:
        return False
    if items.origin is not None:
        check_change(items.origin)
        items.origin.items.pop(key, None)
    items.items.pop(key, None)
    return True


@method("Set", "remove")
def set_remove(run: Run, items: ApexSet, value: Value) -> bool:
    """Remove an element; say whether the set had it."""
    check_change(items)
    return _drop(run, items, run.key_of(value))


@method("Set", "removeAll")
def set_remove_all(run: Run, items: ApexSet, others: Value) -> bool:
    """Remove all elements of another collection; say whether the set changed."""
    check_change(items)
    is_changed = False
    for each in iterate(run, others):
        run.budget.charge_for(1, 1)
        is_changed |= _drop(run, items, run.key_of(run.coerce(each, items.element)))
    return is_changed


@method("Set", "retainAll")
def set_retain_all(run: Run, items: ApexSet, others: Value) -> bool:
    """Remove all elements that another collection doesn't have."""
    check_change(items)
    wanted = set()
    for each in iterate(run, others):
        count_entries(run, 1)
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
    count_entries(run, len(items.items))
    return ApexSet(items.element, dict(items.items))
