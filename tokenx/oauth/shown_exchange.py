"""An exchange as Try It shows it: the response, its meaning, the request, and the steps."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.oauth.decision import DecisionState, TraceRow
from tokenx.oauth.decisions.clients import edit_page_of
from tokenx.oauth.errors import Link
from tokenx.oauth.grant import Decided
from tokenx.oauth.redaction import Redaction
from tokenx.oauth.shown_request import ShownRequest, shown_request
from tokenx.org.models import AccessToken, LoginRecord, Scope, User
from tokenx.org.sessions import hash_token
from tokenx.setup.apex_runs.shown_run import ShownRun, shown_run


@dataclass(frozen=True)
class ShownExchange:
    """The parts of the result on Try It. `is_check` says that nothing was saved."""

    decided: Decided
    is_check: bool
    request: ShownRequest
    answer: str
    # The handler that ran, and why this one.
    handler: TokenExchangeHandler | None
    why_handler: str
    run_as: User | None
    user: User | None
    is_new_user: bool
    # The labels of the token's scopes.
    scopes: tuple[str, ...]
    record: LoginRecord | None
    access_token: AccessToken | None
    # The steps of Apex, if it ran.
    apex: ShownRun | None

    @property
    def expected_values(self) -> dict[str, str]:
        """Return the response as an example expects it."""
        refusal = self.decided.refusal
        if refusal:
            return {
                "expected_error": refusal.error[:40],
                "expected_description": self.decided.kept_description[:255],
                "expected_username": "",
            }
        username = self.user.username if self.user else ""
        return {
            "expected_error": "",
            "expected_description": "",
            "expected_username": username,
        }

    @property
    def failed(self) -> TraceRow | None:
        """Return the row of the decision that refused the request."""
        rows = self.decided.rows
        return next((row for row in rows if row.state == DecisionState.FAILED), None)

    @property
    def user_label(self) -> str:
        return "Created User" if self.is_new_user else "User"

    @property
    def user_text(self) -> str:
        """Return the user's name. That of a created user isn't unique."""
        if self.user is None:
            return ""
        return self.user.username if self.is_new_user else self.user.name

    @property
    def scopes_place(self) -> Link | None:
        """Return where the app's scopes can be changed."""
        app = self.decided.grant.app
        return edit_page_of(app, "settings") if app else None

    @property
    def subject_token(self) -> str:
        return self.decided.grant.request.subject_token

    @property
    def user_url(self) -> str:
        """Return the user's page. A created user that wasn't saved has none."""
        is_saved = not self.is_new_user or self.access_token is not None
        return self.user.get_absolute_url() if self.user and is_saved else ""

    @property
    def status_line(self) -> str:
        reasons = {200: "OK", 400: "Bad Request", 429: "Too Many Requests"}
        status = self.decided.status
        return f"HTTP/1.1 {status} {reasons.get(status, '')}".rstrip()


def shown_exchange(
    decided: Decided,
    *,
    parameters: list[tuple[str, str]],
    is_check: bool,
    has_assignments: bool,
    fix_in_form: Callable[[TraceRow], Link | None],
) -> ShownExchange:
    """Return the parts of an exchange's result.

    `fix_in_form` returns the entry of the form that made a decision fail, if one did.
    """
    decided = _with_fix(decided, fix_in_form)
    grant, answer = decided.grant, decided.body
    named = grant.request.token_handler
    app = grant.app.label if grant.app else ""
    return ShownExchange(
        decided=decided,
        is_check=is_check,
        request=shown_request(_for_client(decided, parameters), _server_url(decided)),
        answer=json.dumps(answer, indent=2),
        handler=grant.handler,
        why_handler="Named in the request" if named else f"Default handler for {app}",
        run_as=grant.enablement.run_as if grant.enablement else None,
        user=grant.user,
        is_new_user=grant.is_new_user,
        scopes=tuple(_scope_label(scope) for scope in grant.scopes),
        record=decided.record,
        access_token=None if is_check else _token_row(decided),
        apex=_apex(decided, has_assignments=has_assignments),
    )


def _with_fix(decided: Decided, fix_in_form: Callable[[TraceRow], Link | None]) -> Decided:
    rows = tuple(
        replace(row, place=fix_in_form(row) or row.place)
        if row.state == DecisionState.FAILED
        else row
        for row in decided.rows
    )
    return replace(decided, rows=rows)


def _server_url(decided: Decided) -> str:
    return decided.grant.request.client.server_url


def _for_client(
    decided: Decided, parameters: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the parameters of a client, with the secret that Setup doesn't require."""
    request, app = decided.grant.request, decided.grant.app
    if not request.acts_for_app or request.client_secret or app is None:
        return parameters
    if not app.requires_secret:
        return parameters
    names = [name for name, _ in parameters]
    at = names.index("client_id") + 1 if "client_id" in names else 0
    return [*parameters[:at], ("client_secret", "needed"), *parameters[at:]]


def _scope_label(scope: str) -> str:
    return str(Scope(scope).label) if scope in Scope else scope


def _token_row(decided: Decided) -> AccessToken | None:
    """Return the row of the access token, which can be revoked."""
    user, text = decided.grant.user, decided.grant.answer.get("access_token", "")
    if user is None or not text:
        return None
    return AccessToken.objects.with_hash(user.org_id, hash_token(text)).first()


def _apex(decided: Decided, *, has_assignments: bool) -> ShownRun | None:
    grant = decided.grant
    if grant.call is None or grant.run is None:
        return None
    if grant.handler is None or grant.enablement is None:
        return None
    return shown_run(
        grant.run,
        apex_class=grant.handler.apex_class,
        run_as=grant.enablement.run_as,
        started_at=grant.started_at,
        has_assignments=has_assignments,
        hide=Redaction(grant.request, grant.answer).of,
    )
