"""The place that's being checked: its class, its member, and its local variables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..problems import Problem
from ..tree import Expression, Position, TypeReference
from ..types import UNKNOWN, ApexType
from .references import Resolver
from .report import Report
from .scopes import TypeScope
from .world import World

# Deeper expressions and statements aren't looked at. Python's own limit is 1,000 calls.
DEEPEST = 90
Handler = Callable[["Context", Any], ApexType]
# Returns the tree of an expression or its first syntax error.
ParseExpression = Callable[[str, Position], Expression | Problem | None]
_HANDLERS: dict[type, Handler] = {}


def handles(*nodes: type) -> Callable[[Handler], Handler]:
    """Register a function that returns the type of a kind of expression."""

    def register(handler: Handler) -> Handler:
        _HANDLERS.update(dict.fromkeys(nodes, handler))
        return handler

    return register


@dataclass(slots=True)
class Context:
    """A member of a type while its body is checked."""

    world: World
    report: Report
    resolver: Resolver
    scope: TypeScope
    parse_expression: ParseExpression
    is_static: bool = False
    # The type that a return needs; None where a return has no value.
    returns: ApexType | None = None
    # method, constructor, accessor, initializer, or trigger
    kind: str = "method"
    loops: int = 0
    # While the arguments of this() or super() are checked, there's no instance.
    is_delegating: bool = False
    # The place of the field or block whose code initializes fields; None elsewhere.
    initializes: Position | None = None
    _depth: int = 0
    _locals: list[dict[str, ApexType]] = field(default_factory=lambda: [{}])

    # --- Expressions ------------------------------------------------------------------

    def type_of(self, node: Expression) -> ApexType:
        """Check an expression and return its type; UNKNOWN if it isn't certain."""
        handler = _HANDLERS.get(type(node))
        if handler is None or self._depth >= DEEPEST:
            return UNKNOWN
        self._depth += 1
        try:
            return handler(self, node)
        finally:
            self._depth -= 1

    def types_of(self, nodes: tuple[Expression, ...]) -> tuple[ApexType, ...]:
        """Check expressions and return their types."""
        return tuple(map(self.type_of, nodes))

    def resolve(self, reference: TypeReference) -> ApexType:
        """Return the type that the code names; report an invalid or unknown one."""
        return self.resolver.resolve(reference, self.scope)

    def error(self, at: Position, message: str, hint: str = "") -> None:
        """Report an error; a hint is a sentence that helps with it."""
        self.report.error(at, message, hint)

    @contextmanager
    def deeper(self) -> Iterator[bool]:
        """Count a nested statement; the value says whether it's too deep to look at."""
        self._depth += 1
        try:
            yield self._depth >= DEEPEST
        finally:
            self._depth -= 1

    # --- Local variables --------------------------------------------------------------

    @contextmanager
    def block(self) -> Iterator[None]:
        """Open a scope of local variables."""
        self._locals.append({})
        try:
            yield
        finally:
            self._locals.pop()

    @contextmanager
    def loop(self) -> Iterator[None]:
        """Open the scope of a loop, in which break and continue are valid."""
        self.loops += 1
        try:
            with self.block():
                yield
        finally:
            self.loops -= 1

    def declare(self, name: str, type_: ApexType, at: Position) -> None:
        """Add a local variable; report it if the name is in use."""
        if self.local(name) is not None:
            self.error(at, f"Duplicate variable: {name}")
        self._locals[-1][name.lower()] = type_

    def local(self, name: str) -> ApexType | None:
        """Return the type of a local variable, or None."""
        key = name.lower()
        found = (names[key] for names in reversed(self._locals) if key in names)
        return next(found, None)
