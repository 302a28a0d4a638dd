"""The state of a call: its variables, and the line that's running."""

from typing import TYPE_CHECKING

from ..tree import Call, FieldAccess, Index, Position
from ..types import OBJECT, ApexType
from ..values import Instance, Value
from .budget import Budget

if TYPE_CHECKING:
    from .classes import OrgClass, OrgMethod
    from .run import ApexRun

NOWHERE = Position(0, 0)


class Frame:
    """A call of a method, or other code that has variables of its own.

    The order of `locals` is that of their declarations. A block that ends removes those
    that it added; see `cut`. A name in use can't be declared again.
    """

    __slots__ = (
        "at", "budget", "call_at", "loaded", "locals", "method", "result",
        "run", "skipped", "this", "types",
    )  # fmt: skip

    def __init__(
        self,
        run: "ApexRun",
        loaded: "OrgClass",
        method: "OrgMethod",
        this: Instance | None,
        call_at: Position = NOWHERE,
    ) -> None:
        self.run = run
        self.budget: Budget = run.budget
        self.loaded = loaded
        self.method = method
        self.this = this
        self.call_at = call_at
        self.locals: dict[str, Value] = {}
        # A name stays here after its block ended.
        self.types: dict[str, ApexType] = {}
        # The statement or call that's running.
        self.at: Position = method.at
        # The value of a return.
        self.result: Value = None
        # The last expression that `?.` made null, by its identity.
        self.skipped = 0

    def declare(self, name: str, type_: ApexType, value: Value) -> None:
        """Add a local variable whose value has its type."""
        key = name.lower()
        self.types[key] = type_
        self.locals[key] = value

    def cut(self, count: int) -> None:
        """Remove the variables that were declared after the first ones."""
        variables = self.locals
        while len(variables) > count:
            variables.popitem()

    def has(self, name: str) -> bool:
        """Say whether a variable with this name can be read here."""
        key = name.lower()
        return key in self.locals or self.loaded.find_name(key) is not None

    def type_of_local(self, key: str) -> ApexType:
        """Return the declared type of a local variable."""
        return self.types.get(key, OBJECT)

    def skips(self, node: FieldAccess | Call | Index) -> bool:
        """Say whether a member of null is null: ?. leaves out the rest of a chain."""
        is_safe = not isinstance(node, Index) and node.is_safe
        if is_safe or self.skipped == id(node.object):
            self.skipped = id(node)
            return True
        return False

    @property
    def place(self) -> str:
        """Return the frame's line of a stack, such as Class.A.run: line 3, column 1."""
        return f"{self.method.place}: line {self.at.line}, column 1"
