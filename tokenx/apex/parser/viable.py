"""Tokens that the parser could take at the place of a syntax error."""

from collections.abc import Iterator
from typing import Any

from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_analysis import Shift

END = "$END"


class ViableTokens:
    """The parser's state at a syntax error, to try tokens in."""

    def __init__(self, error: UnexpectedToken) -> None:
        state: Any = error.state
        self._states = state.parse_conf.states
        self._end = state.parse_conf.end_state
        self._stack = list(state.state_stack)
        self.kinds = {kind for kind in self._choices() if self._after(kind) is not None}

    def can_follow(self, kind: str, before: str) -> bool:
        """Say whether a token can follow another one that isn't there yet."""
        stack = self._after(before)
        return stack is not None and self._after(kind, stack) is not None

    def _choices(self) -> Iterator[str]:
        return (kind for kind in self._states[self._stack[-1]] if kind.isupper())

    def _after(self, kind: str, stack: list[int] | None = None) -> list[int] | None:
        """Return the states after a token, or None if it's refused."""
        stack = list(stack or self._stack)
        while kind in (actions := self._states[stack[-1]]):
            action, target = actions[kind]
            if action is Shift:
                return [*stack, target]
            if target.expansion:
                del stack[-len(target.expansion) :]
            stack.append(self._states[stack[-1]][target.origin.name][1])
            if kind == END and stack[-1] == self._end:
                return stack
        return None
