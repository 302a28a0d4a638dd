"""Makes instances, and initializes classes."""

from collections.abc import Sequence
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from ..library import registry
from ..platform import platform_type
from ..tree import (
    Call,
    Expression,
    ExpressionStatement,
    New,
    NewArray,
    NewCollection,
)
from ..types import ApexType
from ..values import (
    ApexList,
    ApexMap,
    ApexSet,
    ExceptionObject,
    Instance,
    Record,
    Value,
)
from . import exceptions, invoking, members, platform_calls, signatures
from .classes import Initial, OrgClass, OrgMethod
from .errors import NotRunnableError, RunEndedError, ThrownError, thrown
from .evaluation import evaluate, evaluate_all, evaluates, execute_all
from .frames import Frame
from .machine import Pending, Steps, go_on

if TYPE_CHECKING:
    from .run import ApexRun
    from .signatures import Where


# An instance costs more than another expression.
_STEPS_OF_NEW = 2


# --- Classes -----------------------------------------------------------------------------


def initialize_statics(run: "ApexRun", loaded: OrgClass) -> Steps:
    """Initialize a class's static variables in the order of the code, once.

    Those of outer classes and superclasses are first.
    """
    if loaded.is_started:
        return None
    loaded.is_started = True
    for each in (loaded.outer, loaded.superclass):
        if each and not each.is_started:
            yield initialize_statics(run, each)
    if loaded.static_initials:
        yield _run_initials(run, loaded, "<clinit>", None, loaded.static_initials)
    return None


def _run_initials(
    run: "ApexRun",
    loaded: OrgClass,
    name: str,
    this: Instance | None,
    initials: Sequence[Initial],
) -> Steps:
    at = loaded.declaration.at
    frame = Frame(
        run, loaded, OrgMethod(loaded, name, (), None, this is None, None, at), this
    )
    run.enter(frame)
    try:
        yield _initialize(frame, initials)
    except ThrownError as error:
        run.note_thrown(error)
        raise
    except RunEndedError as error:
        run.note_end(error)
        raise
    finally:
        invoking.drop(run, frame)


def _initialize(frame: Frame, initials: Sequence[Initial]) -> Steps:
    for each in initials:
        if isinstance(each, tuple):
            variable, expression = each
            frame.at = expression.at
            frame.budget.charge()
            value = yield evaluate(frame, expression)
            yield members.initialize(frame.run, variable, frame.this, value)
        else:
            yield execute_all(frame, each.statements)


# --- Instances of the org's classes ------------------------------------------------------


def bare_instance(run: "ApexRun", loaded: OrgClass) -> Instance:
    """Return an instance whose fields are null."""
    blank = loaded.blank
    if blank is None:
        blank = loaded.blank = _blank(loaded)
    fields, is_exception = blank
    run.allocate(16 + 8 * len(fields))
    state = ExceptionObject(type=loaded.type) if is_exception else None
    return Instance(loaded, fields.copy(), state)


def _blank(loaded: OrgClass) -> tuple[dict[str, Value], bool]:
    keys = [
        variable.slot
        for each in loaded.lineage()
        for variable in each.variables.values()
        if not variable.is_static
    ]
    base = loaded.platform_base
    return dict.fromkeys(keys), base is not None and exceptions.is_exception_type(base)


def construct(
    run: "ApexRun", loaded: OrgClass, arguments: list[Value], where: "Where | None"
) -> Steps:
    """Make an instance of a class of the org by its constructor."""
    if loaded.is_abstract:
        raise NotRunnableError(f"new {loaded.type.name}", "The class is abstract.")
    run.budget.charge(_STEPS_OF_NEW)
    if not loaded.is_started:
        yield initialize_statics(run, loaded)
    instance = bare_instance(run, loaded)
    if isinstance(instance.base, ExceptionObject):
        # An exception's stack is that of its creation.
        instance.base.stack, instance.base.line = run.stack(), run.line
    yield call_constructor(run, loaded, instance, arguments, where)
    return instance


def call_constructor(
    run: "ApexRun",
    loaded: OrgClass,
    this: Instance,
    arguments: list[Value],
    where: "Where | None",
) -> Pending:
    """Run a constructor of a class on an instance, that of its superclass first."""
    method = _choose_constructor(run, loaded, arguments, where)
    if method is None:
        is_empty = not (arguments or loaded.superclass or loaded.instance_initials)
        return None if is_empty else _construct_without_code(run, loaded, this, arguments)
    return _run_constructor(run, method, this, arguments)


def _choose_constructor(
    run: "ApexRun", loaded: OrgClass, arguments: list[Value], where: "Where | None"
) -> OrgMethod | None:
    count = len(arguments)
    candidates = [each for each in loaded.constructors if len(each.parameters) == count]
    if not candidates:
        return None
    pairs = [(each, run.types_of(each)) for each in candidates]
    has_others = loaded.platform_base and count
    if len(candidates) == 1 and not has_others:
        return candidates[0]
    return signatures.choose(run, pairs, where, arguments)


def _construct_without_code(
    run: "ApexRun", loaded: OrgClass, this: Instance, arguments: list[Value]
) -> Steps:
    """Run the constructor that a class has without declaring it."""
    if isinstance(this.base, ExceptionObject):
        exceptions.set_up(this.base, arguments)
    elif arguments:
        raise NotRunnableError(f"new {loaded.type.name}")
    if loaded.superclass:
        above = [] if isinstance(this.base, ExceptionObject) else arguments
        yield call_constructor(run, loaded.superclass, this, above, None)
    if loaded.instance_initials:
        yield _run_initials(run, loaded, "<init>", this, loaded.instance_initials)


def _run_constructor(
    run: "ApexRun", method: OrgMethod, this: Instance, arguments: list[Value]
) -> Steps:
    frame = Frame(run, method.owner, method, this)
    invoking.bind(frame, arguments)
    run.enter(frame)
    if run.with_statements:
        invoking.record_entry(run, frame)
    try:
        statements = method.body.statements if method.body else ()
        if not _delegates(statements):
            yield _construct_above(frame, this)
        signal = execute_all(frame, statements)
        if type(signal) is GeneratorType:
            yield signal
    except ThrownError as error:
        run.note_thrown(error)
        raise
    except RunEndedError as error:
        run.note_end(error)
        raise
    finally:
        invoking.leave(run, frame)


def _delegates(statements: Sequence[Any]) -> bool:
    """Say whether a constructor starts with this(…) or super(…)."""
    first = statements[0] if statements else None
    if not isinstance(first, ExpressionStatement):
        return False
    call = first.expression
    return (
        isinstance(call, Call)
        and call.object is None
        and call.name.lower() in ("this", "super")
    )


def _construct_above(frame: Frame, this: Instance) -> Steps:
    """Construct the superclass without arguments, and initialize the own fields."""
    run, loaded = frame.run, frame.loaded
    if loaded.superclass:
        yield call_constructor(run, loaded.superclass, this, [], None)
    yield _initialize(frame, loaded.instance_initials)


def call_other_constructor(
    frame: Frame, key: str, arguments: list[Value], nodes: Sequence[Expression]
) -> Steps:
    """Run this(…) or super(…) in a constructor."""
    run, loaded, this = frame.run, frame.loaded, frame.this
    if this is None:
        raise NotRunnableError(key)
    where = frame, nodes
    if key == "this":
        yield call_constructor(run, loaded, this, arguments, where)
        return
    if loaded.superclass:
        yield call_constructor(run, loaded.superclass, this, arguments, where)
    elif isinstance(this.base, ExceptionObject):
        exceptions.set_up(this.base, arguments)
    yield _initialize(frame, loaded.instance_initials)


def initialize_all(run: "ApexRun", instance: Instance) -> Steps:
    """Give an instance's fields their initial values, without a constructor."""
    loaded: Any = instance.loaded
    yield initialize_statics(run, loaded)
    for each in reversed(list(loaded.lineage())):
        if each.instance_initials:
            yield _run_initials(run, each, "<init>", instance, each.instance_initials)


# --- new in code -------------------------------------------------------------------------


def create(
    run: "ApexRun", type_: ApexType, arguments: list[Value], where: "Where | None"
) -> Pending:
    """Make an instance of any class by the constructor with these arguments."""
    loaded = run.types.class_of(type_)
    if loaded is not None:
        return construct(run, loaded, arguments, where)
    return new_platform(run, type_, arguments, where)


def new_platform(
    run: "ApexRun",
    type_: ApexType,
    arguments: list[Value],
    where: "Where | None" = None,
) -> Value:
    """Make an instance of a platform class, or a record."""
    key = type_.key
    if not arguments:
        simple = new_empty(run, type_, key)
        if simple is not None:
            return simple
    function = registry.find_constructor(type_.name)
    if function is not None:
        declared = platform_type(type_.name)
        constructors = declared.constructors if declared else ()
        count = len(arguments)
        candidates = [each for each in constructors if len(each.parameters) == count]
        converted = platform_calls.convert(run, candidates, arguments, where)
        made: Value = function(run, type_, *converted)
        if isinstance(made, ExceptionObject):
            made.stack, made.line = run.stack(), run.line
        return made
    if exceptions.is_exception_type(type_):
        state = ExceptionObject(type=type_, stack=run.stack(), line=run.line)
        exceptions.set_up(state, arguments)
        return state
    raise NotRunnableError(f"new {type_.name}")


def new_empty(run: "ApexRun", type_: ApexType, key: str) -> Value:
    """Return an empty collection or a new record; None for other types."""
    arguments = type_.arguments
    if key == "list" and arguments:
        run.allocate(16)
        return ApexList(arguments[0])
    if key == "set" and arguments:
        run.allocate(16)
        return ApexSet(arguments[0])
    if key == "map" and len(arguments) == 2:
        run.allocate(16)
        return ApexMap(arguments[0], arguments[1])
    if platform_type(type_.name) is None and run.types.find_object(type_.name):
        run.allocate(16)
        return Record(run.types.object_name(type_.name))
    return None


@evaluates(New)
def _new(frame: Frame, node: New) -> Pending:
    frame.budget.steps += 1
    type_ = frame.run.types.resolve(node.type, frame.loaded)
    if node.fields:
        values = evaluate_all(frame, [each.value for each in node.fields])
        return go_on(values, _new_record, frame, node, type_)
    arguments = evaluate_all(frame, node.arguments)
    return go_on(arguments, _create, frame, node, type_)


def _create(arguments: list[Value], frame: Frame, node: New, type_: ApexType) -> Pending:
    frame.at = node.at
    return create(frame.run, type_, arguments, (frame, node.arguments))


def _new_record(values: list[Value], frame: Frame, node: New, type_: ApexType) -> Value:
    run = frame.run
    if not run.types.find_object(type_.name):
        raise NotRunnableError(f"new {type_.name}")
    record = Record(run.types.object_name(type_.name))
    run.allocate(16)
    for each, value in zip(node.fields, values, strict=True):
        members.write_field(run, record, each.name, value)
    return record


@evaluates(NewArray)
def _new_array(frame: Frame, node: NewArray) -> Pending:
    frame.budget.steps += 1
    return go_on(evaluate(frame, node.size), _new_sized, frame, node)


def _new_sized(size: Value, frame: Frame, node: NewArray) -> ApexList:
    run = frame.run
    if not isinstance(size, int) or size < 0:
        raise thrown("ListException", f"Invalid list size: {run.to_text(size)}")
    run.allocate(16 + 8 * size)
    run.budget.charge_for(size)
    return ApexList(run.types.resolve(node.type, frame.loaded), [None] * size)


@evaluates(NewCollection)
def _new_collection(frame: Frame, node: NewCollection) -> Pending:
    frame.budget.steps += 1
    nodes = node.values or [each for pair in node.pairs for each in pair]
    return go_on(evaluate_all(frame, nodes), _fill, frame, node)


def _fill(values: list[Value], frame: Frame, node: NewCollection) -> Value:
    run = frame.run
    type_ = run.types.resolve(node.type, frame.loaded)
    run.allocate(16 + 8 * len(values))
    key = type_.key
    if key == "list":
        element = type_.arguments[0]
        return ApexList(element, [run.coerce(each, element) for each in values])
    if key == "set":
        return _fill_set(run, ApexSet(type_.arguments[0]), values)
    if key == "map":
        return _fill_map(run, ApexMap(type_.arguments[0], type_.arguments[1]), values)
    raise NotRunnableError(f"new {type_}")


def _fill_set(run: "ApexRun", made: ApexSet, values: list[Value]) -> ApexSet:
    for each in values:
        value = run.coerce(each, made.element)
        made.items.setdefault(run.key_of(value), value)
    return made


def _fill_map(run: "ApexRun", made: ApexMap, values: list[Value]) -> ApexMap:
    for key, value in zip(values[::2], values[1::2], strict=True):
        typed = run.coerce(key, made.key)
        made.items[run.key_of(typed)] = typed, run.coerce(value, made.value)
    return made
