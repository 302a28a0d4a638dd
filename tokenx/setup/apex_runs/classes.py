"""The classes of an org, as the checker sees them: their names, and trees by name."""

import re
from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from tokenx.apex.parser import Parsed
from tokenx.apex.tree import CompilationUnit
from tokenx.org.models import ApexClass
from tokenx.org.search.prepared import prepared

from . import trees

# Classes whose code is loaded with one query.
MOST_LOADED = 20
_WORD = re.compile(r"[a-z]\w*", re.ASCII)


@prepared
def _names(org: int) -> QuerySet:
    return ApexClass.objects.filter(org=org).values_list("name")


class TooMuchCodeError(Exception):
    """The code's tree isn't kept, and enough other code was parsed."""


class ClassesInOrg:
    """The org's classes by lower-case name.

    Those that are given replace the org's, and those that are hidden don't exist. The code
    of the others is loaded when the checker needs it.
    """

    def __init__(
        self,
        org: int,
        bodies: Mapping[str, str],
        *,
        max_new_code: int,
        hidden: Collection[str] = (),
    ) -> None:
        self.org, self._remaining = org, max_new_code
        self._names = {name.lower(): name for (name,) in _names(org)}
        for name in hidden:
            self._names.pop(name.lower(), None)
        self._names |= {name.lower(): name for name in bodies}
        self._bodies = {name.lower(): body for name, body in bodies.items()}
        # Names that code mentions, and code whose words weren't compared with the names.
        self._mentioned: set[str] = set()
        self._unread = list(bodies.values())

    def __contains__(self, key: object, /) -> bool:
        return key in self._names

    def get(self, key: str, /) -> CompilationUnit | None:
        """Return the tree of a class, or None if it doesn't exist or has syntax errors."""
        if key not in self._names:
            return None
        return self._parsed(self.body_of(key)).unit

    def body_of(self, key: str) -> str:
        """Return the code of a class that exists."""
        if key not in self._bodies:
            self._load(key)
        return self._bodies[key]

    def parse(self, body: str) -> Parsed:
        """Return the tree of a class to compile, unless it's too much code.

        Raise TooMuchCodeError then.
        """
        self._unread.append(body)
        return self._parsed(body)

    def _parsed(self, body: str) -> Parsed:
        if not trees.is_kept(body):
            if len(body) > self._remaining:
                raise TooMuchCodeError
            self._remaining -= len(body)
        return trees.parsed(body)

    def _load(self, key: str) -> None:
        """Load a class, and others that the code mentions: the checker needs them next."""
        others: set[str] = self._mentioned - self._bodies.keys() - {key}
        while self._unread and len(others) < MOST_LOADED:
            words = _WORD.findall(self._unread.pop().lower())
            self._mentioned |= self._names.keys() & words
            others = self._mentioned - self._bodies.keys() - {key}
        keys = [key, *sorted(others)[: MOST_LOADED - 1]]
        rows = ApexClass.objects.filter(
            org=self.org, name__in=[self._names[each] for each in keys]
        )
        # A class that was deleted since is empty.
        self._bodies |= dict.fromkeys(keys, "")
        for name, body in rows.values_list("name", "body"):
            self._bodies[name.lower()] = body
            self._unread.append(body)
