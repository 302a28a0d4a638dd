"""The process's parser, and the trees of the classes that were parsed last.

A tree depends on nothing but the body, so all orgs share the trees. Compiling one class
takes the trees of all classes to which it refers: docs/decisions/apex.md.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from threading import Lock

from django.conf import settings

from tokenx.apex.compiled import hash_of
from tokenx.apex.parser import Parsed, Parser

__all__ = ["Parsed", "Trees", "is_kept", "parsed", "parser"]

# Characters of code whose trees are kept. A tree takes about ten bytes for each.
MAX_KEPT_CODE = 4_000_000
# A short body counts as this many characters, which bounds the number of trees.
MIN_SIZE = 200

_lock = Lock()


class Trees:
    """Trees by hash of the body; the least recently used ones are removed first."""

    def __init__(
        self, parse: Callable[[str], Parsed], max_size: int = MAX_KEPT_CODE
    ) -> None:
        self._parse, self._max_size = parse, max_size
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[Parsed, int]] = OrderedDict()
        self.size = 0

    def __contains__(self, body: str) -> bool:
        """Tell whether the tree of a body is kept."""
        return hash_of(body) in self._kept

    def parsed(self, body: str) -> Parsed:
        """Return the tree of a body, which is parsed only if its tree isn't kept."""
        key = hash_of(body)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        # Two threads can parse the same body; other threads don't wait.
        found = self._parse(body)
        self._keep(key, found, max(len(body), MIN_SIZE))
        return found

    def _keep(self, key: str, found: Parsed, size: int) -> None:
        with self._lock:
            if key in self._kept or size > self._max_size:
                return
            self._kept[key] = found, size
            self.size += size
            while self.size > self._max_size:
                _, (_, removed) = self._kept.popitem(last=False)
                self.size -= removed


def parser() -> Parser:
    """Return the process's parser, which is built or loaded at the first class."""
    with _lock:
        return _parser()


@cache
def _parser() -> Parser:
    return Parser(settings.DATA_DIR / "apex")


_trees = Trees(lambda body: parser().parse(body))


def parsed(body: str) -> Parsed:
    """Return the tree of a body, or its syntax errors."""
    return _trees.parsed(body)


def is_kept(body: str) -> bool:
    """Tell whether the tree of a body is kept, so that it needn't be parsed."""
    return body in _trees
