"""A token request while it's decided, and its outcome."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from tokenx.apex.runtime.trace import Trace
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.token_types import TokenType
from tokenx.org.models import ClientApp, LoginRecord, OAuthApproval, User
from tokenx.setup.apex_runs.run_handler import HandlerCall, HandlerRun

from .decision import TraceRow
from .errors import OAuthError
from .token_request import TokenRequest

Fact = TypeVar("Fact")


@dataclass
class Grant:
    """A token request. Each decision adds the facts that later ones need."""

    request: TokenRequest
    # False to check only: everything is rolled back.
    commits: bool = True
    started_at: datetime = field(default_factory=timezone.now)
    # Ends the run of Apex, with its place and transaction, after the last decision.
    stack: ExitStack = field(default_factory=ExitStack)
    # Records the steps of Apex, with the values of variables if the caller wants them.
    apex_trace: Trace | None = None
    app: ClientApp | None = None
    # How long the network must wait after failures: tokenx/oauth/throttle.py.
    waits: dict[str, timedelta] = field(default_factory=dict)
    token_type: TokenType | None = None
    handler: TokenExchangeHandler | None = None
    enablement: Enablement | None = None
    # A trace flag is active for the Run As user.
    is_traced: bool = False
    run: HandlerRun | None = None
    call: HandlerCall | None = None
    user: User | None = None
    scopes: list[str] = field(default_factory=list)
    # Of a refresh token request.
    approval: OAuthApproval | None = None
    answer: dict[str, str] = field(default_factory=dict)

    @property
    def is_new_user(self) -> bool:
        return self.run is not None and self.run.is_new_user


def known(fact: Fact | None) -> Fact:
    """Return a fact that an earlier decision found. Raise LookupError without it."""
    if fact is None:
        raise LookupError("A decision that comes earlier is missing.")
    return fact


@dataclass(frozen=True)
class Decided:
    """The outcome of a token request: an answer or a refusal, and the trace."""

    grant: Grant
    rows: tuple[TraceRow, ...]
    refusal: OAuthError | None
    # The refusal's description without tokens, which a class can put into it.
    kept_description: str = ""
    # The record in the login history, if there's one.
    record: LoginRecord | None = None

    @property
    def is_success(self) -> bool:
        return self.refusal is None

    @property
    def status(self) -> int:
        """Return the HTTP status of the answer."""
        return self.refusal.status if self.refusal else 200

    @property
    def body(self) -> dict[str, str]:
        """Return the JSON object of the answer."""
        if self.refusal is None:
            return self.grant.answer
        return {
            "error": self.refusal.error,
            "error_description": self.refusal.description,
        }
