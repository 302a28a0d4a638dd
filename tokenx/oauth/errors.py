"""The errors of the OAuth endpoints: docs/salesforce/oauth.md, "Errors"."""

from typing import NamedTuple

# The HTTP status of a request that found no place for its run of Apex.
NO_PLACE = 503
UNEXPECTED = "an unexpected error occurred"


class Link(NamedTuple):
    """The URL of a Setup page, and the label of a link to it."""

    url: str
    label: str


class OAuthError(Exception):
    """A refused request: what the client gets, and what only the trace shows.

    The client gets `error` and `description`. The trace says what was `examined`, gives
    the `reason` in a sentence, and links to the page that can `repair` it.
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        examined: str = "",
        reason: str = "",
        repair: Link | None = None,
        status: int = 400,
        retry_after: int = 0,
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description = error, description
        self.examined, self.reason = examined, reason or description
        self.repair, self.status = repair, status
        # Seconds of the Retry-After header; 0 for none.
        self.retry_after = retry_after


def unexpected_error() -> OAuthError:
    """Return the answer to a request that failed with an error of this server."""
    return OAuthError("server_error", UNEXPECTED, status=500)
