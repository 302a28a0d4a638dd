"""Nicknames of users, which are unique in an org regardless of case."""

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

NICKNAME_LENGTH = 40
# The length of the beginning that all proposals for a username share.
SHARED_LENGTH = NICKNAME_LENGTH - 10


class HasNickname(Protocol):
    username: str
    nickname: str


User = TypeVar("User", bound=HasNickname)


def base_of(username: str) -> str:
    """Return the part of the username before the `@`, as Salesforce proposes it."""
    return username.partition("@")[0][:NICKNAME_LENGTH] or "user"


class Nicknames:
    """The nicknames that users of an org have."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {nickname.lower() for nickname in taken}
        # The last number after each proposed nickname.
        self._numbers: dict[str, int] = {}

    def propose(self, username: str) -> str:
        """Return a free nickname for a user, and take it."""
        base = base_of(username)
        nickname, number = base, self._numbers.get(base.lower(), 1)
        while nickname.lower() in self._taken:
            number += 1
            nickname = f"{base[: NICKNAME_LENGTH - len(str(number))]}{number}"
        self._numbers[base.lower()] = number
        self._taken.add(nickname.lower())
        return nickname

    def settle(self, users: Collection[User], others: Iterable[User] = ()) -> list[User]:
        """Give each user a nickname, and return the others whose nicknames changed.

        The nicknames of `users` are kept. If some of the others have them, these get new
        ones.
        """
        self._taken |= {user.nickname.lower() for user in users if user.nickname}
        changed = []
        for other in others:
            if other.nickname and other.nickname.lower() not in self._taken:
                self._taken.add(other.nickname.lower())
            else:
                changed.append(other)
        for user in (*changed, *(user for user in users if not user.nickname)):
            user.nickname = self.propose(user.username)
        return changed
