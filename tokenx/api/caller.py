"""Whoever calls: a user by a session, at a version, at an address."""

from dataclasses import dataclass

from tokenx.org import record_ids
from tokenx.org.models import Org, User
from tokenx.org.permissions import can_change_setup, can_view_setup

from .faults import Fault, FaultCode

NO_ACCESS = (
    "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata "
    "permissions"
)


@dataclass(frozen=True)
class Caller:
    """A session's user, what version it speaks, and the address that it reached."""

    user: User
    version: float
    server: str

    @property
    def org(self) -> Org:
        return self.user.org

    @property
    def version_text(self) -> str:
        return f"{self.version:.1f}"

    def may_read(self) -> None:
        """Raises Fault for somebody who may not look at Setup."""
        if not can_view_setup(self.user):
            raise Fault(FaultCode.INSUFFICIENT_ACCESS, NO_ACCESS)

    def may_change(self) -> None:
        """Raises Fault for somebody who may not change Setup."""
        if not can_change_setup(self.user):
            raise Fault(FaultCode.INSUFFICIENT_ACCESS, NO_ACCESS)


def key_in(prefix: str, text: str) -> int:
    """The key of the row that an id names. Raises Fault for what is no id of its kind."""
    key = record_ids.pk_of(prefix, text.strip())
    if key is None:
        raise Fault(FaultCode.INVALID_CROSS_REFERENCE_KEY, "invalid cross reference id")
    return key
