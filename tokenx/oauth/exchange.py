"""Decisions about a token request, for the endpoint, Try It, and examples."""

from contextlib import suppress
from dataclasses import replace
from itertools import accumulate
from typing import Any

from django.db import DatabaseError

from tokenx.apex.runtime.trace import Trace
from tokenx.org import record_ids
from tokenx.org.login_history import record_login
from tokenx.org.models import LoginRecord
from tokenx.org.models.login_record import SUCCESS
from tokenx.org.user_agents import browser_of, platform_of
from tokenx.setup.actions.apex_logs import save_log
from tokenx.setup.apex_runs.steps import steps_of

from .decision import TraceRow, decide_all
from .decisions import REFRESH_TOKEN, decisions_of
from .errors import NO_PLACE, UNEXPECTED, unexpected_error
from .grant import Decided, Grant, known
from .redaction import Redaction
from .token_request import TokenRequest

# As Salesforce names the operation in logs: docs/salesforce/oauth.md, "Log collection".
OPERATION = "OauthTokenExchangeApexExec"
LOGIN_TYPE = "Remote Access 2.0"
_SUBTYPES = {REFRESH_TOKEN: "OAuth Refresh Token"}
# Steps of Apex that the login history keeps.
_MAX_STEPS = 100
# Characters of each text in the trace. A class can return a message of any length.
_MAX_TEXT = 1_000
# Characters of all steps of a trace.
_MAX_STEP_TEXT = 20_000


def exchange(
    request: TokenRequest, *, commit: bool = True, trace: Trace | None = None
) -> Decided:
    """Decide a token request, outside of any transaction.

    Without `commit`, nothing is kept: no token, no new user, no debug log, and no record in
    the login history. Otherwise, a refused request leaves only the last two.
    """
    grant = Grant(request, commits=commit, apex_trace=trace)
    try:
        with grant.stack:
            rows, refusal = decide_all(decisions_of(request.grant_type), grant)
            if grant.call is not None:
                grant.call.commits = commit and refusal is None
    except Exception:
        if commit:
            _record_unexpected(grant)
        raise
    redaction = Redaction(request, grant.answer)
    # A class can put the token into its message.
    descriptions = [refusal.description] if refusal else []
    kept = redaction.of(descriptions, longest=_MAX_TEXT)
    decided = Decided(grant, _hidden_rows(rows, redaction), refusal, "".join(kept))
    if commit:
        _save_log(decided)
        return replace(decided, record=_record(decided, redaction))
    return decided


def _record_unexpected(grant: Grant) -> None:
    """Add a request to the login history that failed with an error of this server."""
    decided = Decided(grant, (), unexpected_error(), UNEXPECTED)
    with suppress(DatabaseError):
        _record(decided, Redaction(grant.request, {}))


def _hidden_rows(rows: list[TraceRow], redaction: Redaction) -> tuple[TraceRow, ...]:
    """Return rows without secrets and tokens. Names, labels, and sources have none."""
    texts = [(row.examined, row.found, row.place) for row in rows]
    hidden = redaction.of(texts, longest=_MAX_TEXT)
    return tuple(
        TraceRow(row.name, row.label, row.source, row.state, *shown)
        for row, shown in zip(rows, hidden, strict=True)
    )


def _save_log(decided: Decided) -> None:
    """Keep the debug log if the Run As user is traced."""
    grant = decided.grant
    if grant.run is None or not grant.is_traced:
        return
    error = grant.run.error
    save_log(
        user=known(grant.enablement).run_as,
        trace=grant.run.trace,
        budget=grant.run.budget,
        started_at=grant.started_at,
        operation=OPERATION,
        application=known(grant.app).label,
        status=error.text if error else SUCCESS,
    )


def _record(decided: Decided, redaction: Redaction) -> LoginRecord | None:
    """Add the request to the login history of its app's org; an unknown app has none."""
    grant, refusal = decided.grant, decided.refusal
    if grant.app is None or (refusal is not None and refusal.status == NO_PLACE):
        # Without a place, nothing was decided. The client sends the request again.
        return None
    client, handler = grant.request.client, grant.handler
    user = grant.user if refusal is None or not grant.is_new_user else None
    description = decided.kept_description
    return record_login(
        org=grant.app.org_id,
        user=user,
        username=grant.user.username if grant.user else "",
        logged_in_at=grant.started_at,
        source_ip=client.address,
        login_type=LOGIN_TYPE,
        login_subtype=_SUBTYPES.get(grant.request.grant_type, "OAuth Token Exchange"),
        status=f"Failed: {description}" if refusal else SUCCESS,
        application=grant.app.label,
        browser=browser_of(client.user_agent),
        platform=platform_of(client.user_agent),
        login_url=client.server_url,
        http_method=client.method,
        authentication_service_id=(
            record_ids.record_id(record_ids.HANDLER, handler.pk) if handler else ""
        ),
        app_kind=grant.app.kind,
        app_api_name=grant.app.api_name,
        error=refusal.error if refusal else "",
        error_description=description,
        trace=_stored_trace(decided, redaction),
    )


def _stored_trace(decided: Decided, redaction: Redaction) -> list[dict[str, Any]]:
    """Return the rows of the trace as JSON; those of Apex have its steps."""
    rows = [dict(vars(row)) for row in decided.rows]
    run = decided.grant.run
    if run is None:
        return rows
    steps, _ = steps_of(run.trace)
    texts = [
        {"class_name": step.class_name, "line": step.line, "text": step.text}
        for step in steps[:_MAX_STEPS]
    ]
    hidden = redaction.of(texts, longest=_MAX_TEXT)
    lengths = accumulate(len(str(step["text"])) for step in hidden)
    hidden = hidden[: sum(length <= _MAX_STEP_TEXT for length in lengths)]
    for row in rows:
        if row["name"] == "validate":
            row["steps"] = hidden
    return rows
