"""Compile an org's classes, and store results that are missing.

Compiling can take seconds, so it happens before a transaction. If another class changed
before the transaction, it happens again there: the trees are kept, and checking is fast.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from django.db import OperationalError

from tokenx.apex.compiled import Compiled, CompileOutcome, hash_of
from tokenx.apex.compiling import compile_class, compile_unit
from tokenx.apex.parser.declared import declared_name
from tokenx.apex.problems import Problem
from tokenx.apex.tree import Position, TriggerDeclaration
from tokenx.org.actions import store_compiled
from tokenx.org.models import ApexClass

from .apex_runs import trees
from .apex_runs.classes import ClassesInOrg, TooMuchCodeError
from .apex_runs.queries import ports_of

# Characters of code that's parsed in one go, apart from code whose trees are kept.
MAX_NEW_CODE = 800_000
# The same for a list of classes, which people wait for.
MAX_NEW_CODE_OF_LIST = 100_000


def compile_together(
    *,
    org: int,
    bodies: Mapping[str, str],
    first: Collection[str] = (),
    max_new_code: int | None = None,
    on_each: Callable[[], None] = lambda: None,
) -> dict[str, Compiled]:
    """Compile classes, given by name, that see each other and the org's classes.

    Return the results by lower-case name. Classes for which too much code would have to be
    parsed are left out; the first ones come first.
    """
    limit = MAX_NEW_CODE if max_new_code is None else max_new_code
    classes = ClassesInOrg(org, bodies, max_new_code=limit)
    urgent = {name.lower() for name in first}
    results = {}
    for name in sorted(bodies, key=lambda name: name.lower() not in urgent):
        on_each()
        try:
            results[name.lower()] = _compile(bodies[name], classes)
        except TooMuchCodeError:
            continue
    return results


def compile_body(*, org: int, body: str, name: str = "") -> Compiled | None:
    """Compile one class of any length. The name is the current one of an existing class.

    Return None if it refers to too much code of other classes.
    """
    declared = declared_name(body)
    bodies = {declared: body} if declared else {}
    limit = len(body) + MAX_NEW_CODE
    try:
        classes = ClassesInOrg(org, bodies, max_new_code=limit, hidden=[name])
        return _compile(body, classes)
    except TooMuchCodeError:
        return None


def set_compiled(
    *, org: int, classes: Iterable[ApexClass], max_new_code: int | None = None
) -> None:
    """Compile classes that aren't saved yet, and let them take the results."""
    classes = list(classes)
    bodies = {each.name: each.body for each in classes}
    results = compile_together(org=org, bodies=bodies, max_new_code=max_new_code)
    for each in classes:
        compiled = results.get(each.name.lower())
        each.set_compiled(compiled and _check_name(compiled, each))


def _check_name(compiled: Compiled, apex_class: ApexClass) -> Compiled:
    """Add an error if the code of a stored class declares another class."""
    if not compiled.name or compiled.name.lower() == apex_class.name.lower():
        return compiled
    unit = trees.parsed(apex_class.body).unit
    problem = Problem(
        unit.at if unit else Position(1, 1),
        f"The code declares the class {compiled.name}, not {apex_class.name}.",
    )
    problems = (*compiled.problems, problem)
    return replace(compiled, status=CompileOutcome.INVALID, problems=problems)


def compile_waiting(
    *, org: int, classes: Iterable[ApexClass], max_new_code: int | None = None
) -> None:
    """Compile those of the classes that aren't compiled yet, and store the results.

    Reading a page calls it. The results follow from the code, so it takes no permission.
    """
    waiting = {each.name: each for each in classes if not each.is_compiled}
    if not waiting:
        return
    longest = max(len(each.body) for each in waiting.values())
    limit = MAX_NEW_CODE + longest if max_new_code is None else max_new_code
    state = ApexClass.objects.state_of(org)
    set_compiled(org=org, classes=waiting.values(), max_new_code=limit)
    compiled = [each for each in waiting.values() if each.is_compiled]
    # A running deployment has the org's lock; a page doesn't wait for it. On SQLite, it has
    # the only write lock, and a page waits until the timeout.
    with suppress(OperationalError):
        store_compiled(org=org, classes=compiled, state=state)


def compile_changed(*, org: int) -> None:
    """Compile the classes that a change reset, as far as that's quick."""
    waiting = ApexClass.objects.filter(org=org).not_compiled().order_by("name")[:100]
    compile_waiting(org=org, classes=waiting, max_new_code=MAX_NEW_CODE_OF_LIST)


def _compile(body: str, classes: ClassesInOrg) -> Compiled:
    """Compile a body, parsing it only if its tree isn't kept."""
    unit = classes.parse(body).unit
    parser, ports = trees.parser(), ports_of(classes.org)
    if unit is None:
        return compile_class(body, parser=parser, classes=classes, ports=ports)
    if isinstance(unit, TriggerDeclaration):
        return _refuse_trigger(body, unit)
    return compile_unit(body, unit, parser=parser, classes=classes, ports=ports)


def _refuse_trigger(body: str, trigger: TriggerDeclaration) -> Compiled:
    """Refuse a trigger: it isn't a class, and tokenx has no triggers."""
    problem = Problem(Position(1, 1), "Expecting a class, but found a trigger.")
    return Compiled(hash_of(body), CompileOutcome.INVALID, (problem,), trigger.name, (), ())
