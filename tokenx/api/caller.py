"""The authenticated caller of the API: the session, and what the caller can do."""

from dataclasses import dataclass

from django.http import HttpRequest

from tokenx.org import record_ids
from tokenx.org.bearer import bearer_token
from tokenx.org.models import AccessToken, Org, Scope, User
from tokenx.org.permissions import can_change_setup, can_view_setup
from tokenx.org.sessions import session_of

from .faults import Fault, FaultCode

NO_ACCESS = (
    "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata "
    "permissions"
)


@dataclass(frozen=True)
class Caller:
    """The authenticated caller: user, API version, and server URL."""

    user: User
    version: float
    server_url: str

    @property
    def org(self) -> Org:
        return self.user.org

    @property
    def version_text(self) -> str:
        return f"{self.version:.1f}"

    def check_can_view(self) -> None:
        """Raise a Fault if the user can't view Setup."""
        if not can_view_setup(self.user):
            raise Fault(FaultCode.INSUFFICIENT_ACCESS, NO_ACCESS)

    def check_can_change(self) -> None:
        """Raise a Fault if the user can't change Setup."""
        if not can_change_setup(self.user):
            raise Fault(FaultCode.INSUFFICIENT_ACCESS, NO_ACCESS)


def find_session(
    request: HttpRequest,
    session_id: str | None = None,
    *,
    refusal: str,
    wrong_scope: str,
    scope: Scope = Scope.API,
) -> AccessToken:
    """Return the session of a SOAP or REST request; a session ID works for both.

    SOAP requests can have the ID in the body, and both kinds can have it in the header.
    Raise a Fault with the message `refusal` if the session is unknown or has ended, and
    with `wrong_scope` if it's an app's token without the scope.
    """
    session_id = session_id or bearer_token(request)
    session = session_of(session_id) if session_id else None
    if session is None:
        raise Fault(FaultCode.INVALID_SESSION_ID, refusal)
    if not session.allows(scope):
        raise Fault(FaultCode.INVALID_SESSION_ID, wrong_scope)
    return session


def parse_record_id(prefix: str, text: str) -> int:
    """Return the primary key in a record ID; raise a Fault if the ID is invalid."""
    pk = record_ids.pk_of(prefix, text.strip())
    if pk is None:
        raise Fault(FaultCode.INVALID_CROSS_REFERENCE_KEY, "invalid cross reference id")
    return pk
