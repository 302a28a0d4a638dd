"""Each row of the table of errors: the answer, and the trace that explains it.

The table is in docs/salesforce/oauth.md, "Errors of token exchange". Each decision has at
least one row here that fails; all of them pass in the first test.
"""

from collections.abc import Callable
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from django.test import Client, RequestFactory

from tests.factories import (
    AppProfileFactory,
    EnablementFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.paths import ROOT
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement
from tokenx.oauth.decision import DecisionState
from tokenx.oauth.decisions import EXCHANGE
from tokenx.oauth.exchange import exchange
from tokenx.oauth.token_request import read_token_request
from tokenx.org.models import (
    AccessToken,
    AppProfile,
    LoginRecord,
    OAuthApproval,
    PermittedUsers,
    User,
)
from tokenx.org.record_ids import USER, record_id
from tokenx.setup.apex_runs import running
from tokenx.setup.apex_runs.places import NoPlaceError
from tokenx.setup.compile_classes import compile_waiting

from .exchanging import TOKEN_URL, ExchangingOrg
from .obedient import obedient_org

pytestmark = pytest.mark.django_db
NOT_VALID = "token handler validation failed"
NOT_FOUND = "token handler not found"
SAML = "urn:ietf:params:oauth:token-type:saml2"
LONG = "x" * 10_001


class Row(NamedTuple):
    """A row of the table: how to cause the error, and what comes back."""

    case: str
    decision: str
    error: str
    description: str
    # The end of the trace's sentence, or all of it.
    reason: str
    # Changes the org, and returns changes of the parameters.
    cause: Callable[[ExchangingOrg], dict[str, Any]]


def sends(**changes: Any) -> Callable[[ExchangingOrg], dict[str, Any]]:
    return lambda setup: changes


def app_has(**values: Any) -> Callable[[ExchangingOrg], dict[str, Any]]:
    return lambda setup: change(setup.app, values)


def handler_has(**values: Any) -> Callable[[ExchangingOrg], dict[str, Any]]:
    return lambda setup: change(setup.handler, values)


def change(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return {}


def no_default(setup):
    Enablement.objects.filter(org=setup.org).update(is_default=False)
    return {}


def names_handler_of_another_app(setup):
    other = TokenExchangeHandlerFactory(org=setup.org, is_enabled=True)
    EnablementFactory(org=setup.org, handler=other)
    return {"token_handler": other.developer_name}


def class_has(body: str) -> Callable[[ExchangingOrg], dict[str, Any]]:
    def cause(setup):
        apex_class = setup.handler.apex_class
        change(apex_class, {"body": body})
        compile_waiting(org=setup.org.pk, classes=[apex_class])
        return {}

    return cause


def inactive_run_as(setup):
    return change(setup.enablement.run_as, {"is_active": False})


def returns_inactive_user(setup):
    return {"subject_token": id_of(UserFactory(org=setup.org, is_active=False))}


def returns_user_of_another_org(setup):
    return {"subject_token": id_of(UserFactory(org=OrgFactory()))}


def id_of(user: User) -> str:
    return record_id(USER, user.pk)


def no_profile(setup):
    AppProfile.objects.filter(org=setup.org, app=setup.app).delete()
    return {}


def self_authorized(setup):
    return change(setup.app, {"permitted_users": PermittedUsers.SELF_AUTHORIZED})


def creates_invalid_user(setup):
    change(setup.handler, {"allows_user_creation": True})
    return {"subject_token": f"new {setup.user.username}"}


ROWS = [
    Row("no form", "request", "invalid_request", "The body is larger than 100,000 bytes.",
        "The body is larger than 100,000 bytes.", sends(scope="x" * 100_001)),
    Row("a repeated parameter", "request", "invalid_request",
        "The parameter scope is repeated.", "The parameter scope is repeated.",
        sends(scope=["api", "api"])),
    Row("an unknown grant type", "grant_type", "unsupported_grant_type",
        "grant type not supported", "doesn't support the grant type password.",
        sends(grant_type="password")),
    Row("no grant type", "grant_type", "unsupported_grant_type",
        "grant type not supported", "The parameter grant_type is missing.",
        sends(grant_type=None)),
    Row("an unknown client ID", "client", "invalid_client_id", "client identifier invalid",
        "No app has this consumer key.", sends(client_id="3MVG9unknown")),
    Row("no client ID", "client", "invalid_client_id", "client identifier invalid",
        "The parameter client_id is missing.", sends(client_id=None)),
    Row("an invalid secret", "secret", "invalid_client", "invalid client credentials",
        "The secret isn't the consumer secret of", sends(client_secret="guess")),
    Row("no secret", "secret", "invalid_client", "invalid client credentials",
        "requires a secret, but the request has none.", sends(client_secret=None)),
    Row("an invalid secret that isn't required", "secret", "invalid_client",
        "invalid client credentials", "The secret isn't the consumer secret of",
        lambda setup: change(setup.app, {"requires_secret": False})
        | {"client_secret": "guess"}),
    Row("turned off in settings", "switches", "unsupported_grant_type",
        "grant type not supported", "Token exchange is turned off in the settings of",
        app_has(allows_token_exchange=False)),
    Row("turned off in policies", "switches", "oauth_flow_disabled",
        "app not enabled for token exchange",
        "Token exchange is turned off in the policies of",
        app_has(policy_allows_token_exchange=False)),
    Row("no token", "subject_token", "invalid_request",
        "missing required parameter: subject_token",
        "The parameter subject_token is missing.", sends(subject_token=None)),
    Row("no type", "subject_token", "invalid_request",
        "missing required parameter: subject_token_type",
        "The parameter subject_token_type is missing.", sends(subject_token_type=None)),
    Row("an unknown type", "subject_token", "unsupported_token_type",
        "subject token type not supported", "isn't one of the five token types.",
        sends(subject_token_type="urn:ietf:params:oauth:token-type:saml1")),
    Row("a long token", "subject_token", "invalid_grant",
        "subject token longer than 10000 characters",
        "The token has 10,001 characters; 10,000 is the limit.",
        sends(subject_token=LONG)),
    Row("no such handler", "handler", "invalid_request", NOT_FOUND,
        "No handler has this API name or uses an Apex class named Nothing.",
        sends(token_handler="Nothing")),
    Row("no default handler", "handler", "invalid_request", NOT_FOUND,
        "The request names no handler, and", no_default),
    Row("not enabled for this app", "handler_ready", "invalid_request", NOT_FOUND,
        "isn't enabled for", names_handler_of_another_app),
    Row("a disabled handler", "handler_ready", "invalid_request", "token handler disabled",
        "is disabled.", handler_has(is_enabled=False)),
    Row("a type that isn't taken", "handler_ready", "unsupported_token_type",
        "subject token type not supported by the token handler",
        "doesn't support the token type SAML 2.",
        sends(subject_token_type=SAML)),
    Row("a class that doesn't compile", "handler_ready", "invalid_request", NOT_VALID,
        "", class_has("public class ObedientHandler { nonsense")),
    Row("a class that isn't a handler", "handler_ready", "invalid_request", NOT_VALID,
        "", class_has("public class ObedientHandler {}")),
    Row("an inactive Run As user", "run_as", "invalid_request", NOT_VALID,
        "is inactive.", inactive_run_as),
    Row("a refused token", "validate", "invalid_request", NOT_VALID,
        "The token isn't valid.", sends(subject_token="refuse")),
    Row("a refused token with a message", "validate", "invalid_request",
        "Ask for a new token.", "The token isn't valid: Ask for a new token.",
        sends(subject_token="explain")),
    Row("no result", "validate", "invalid_request", NOT_VALID,
        "validateIncomingToken returned null.", sends(subject_token="nothing")),
    Row("an exception", "validate", "invalid_request", NOT_VALID,
        "Divide by 0", sends(subject_token="throw")),
    Row("an exception in the second method", "find_user", "invalid_request", NOT_VALID,
        "Divide by 0", sends(subject_token="throw later")),
    Row("no user", "user", "invalid_grant", "no active user found for the token",
        "getUserForTokenSubject returned null.", sends(subject_token="no one")),
    Row("an unknown user", "user", "invalid_grant", "no active user found for the token",
        "which isn't a user of this org.", sends(subject_token="005000000999999AAA")),
    Row("an inactive user", "user", "invalid_grant", "no active user found for the token",
        "who is inactive.", returns_inactive_user),
    Row("a user of another org", "user", "invalid_grant",
        "no active user found for the token", "which isn't a user of this org.",
        returns_user_of_another_org),
    Row("a new user, not allowed", "user", "invalid_grant",
        "no active user found for the token",
        "returned a new user, but the handler isn't allowed to create users.",
        sends(subject_token="new eve@x.example")),
    Row("a new user who isn't valid", "user", "invalid_grant",
        "no active user found for the token", "DUPLICATE_USERNAME", creates_invalid_user),
    Row("an admin-approved app", "approval", "invalid_app_access",
        "user is not admin approved to access this app",
        "has neither the profile nor a permission set of", no_profile),
    Row("a self-authorized app", "approval", "invalid_grant",
        "user hasn't approved this consumer", "authorize it themselves", self_authorized),
    Row("a scope outside the app's", "scopes", "invalid_scope",
        "scope not allowed for this app", "doesn't have the scope web.",
        sends(scope="api web")),
]  # fmt: skip


@pytest.fixture
def setup(org):
    return obedient_org(org)


@contextmanager
def restored(setup):
    with rolled_back():
        yield
    setup.refresh()


def traced(setup, changes):
    """Return the rows of the trace, without keeping anything."""
    request = RequestFactory().post(TOKEN_URL, setup.parameters(**changes))
    return exchange(read_token_request(request), commit=False).rows


def kept() -> dict[str, Any]:
    """Return what a refused request must not change."""
    return {
        "tokens": list(AccessToken.objects.values()),
        "approvals": list(OAuthApproval.objects.values()),
        "users": list(User.objects.order_by("pk").values()),
    }


def test_each_decision_passes(setup):
    response = setup.post()

    assert response.status_code == 200, response.json()
    rows = traced(setup, {})
    assert [row.name for row in rows] == [each.name for each in EXCHANGE]
    assert {row.state for row in rows} == {DecisionState.PASSED}
    assert all(row.examined and row.found for row in rows)


def test_each_row_of_the_table(setup, subtests):
    for row in ROWS:
        with subtests.test(row.case), restored(setup):
            check_row(setup, row)


def check_row(setup, row):
    changes = row.cause(setup)
    before = kept()

    response = setup.post(**changes)

    body = {"error": row.error, "error_description": row.description}
    assert (response.status_code, response.json()) == (400, body)
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/json;charset=UTF-8"
    assert kept() == before
    rows = traced(setup, changes)
    assert kept() == before
    at = [each.name for each in rows].index(row.decision)
    failed, passed = DecisionState.FAILED, DecisionState.PASSED
    states = [each.state for each in rows]
    later = [DecisionState.NOT_REACHED] * (len(rows) - at - 1)
    assert states == [passed] * at + [failed] + later
    assert row.reason in rows[at].found
    assert rows[at].found[-1] in ".}"
    records = LoginRecord.objects.filter(org=setup.org)
    if row.decision in {"request", "grant_type", "client"}:
        assert not records
    else:
        record = records.get()
        assert (record.error, record.error_description) == (row.error, row.description)
        assert [each["state"] for each in record.trace] == [str(each) for each in states]
        assert record.trace[at]["found"] == rows[at].found


def test_the_document_has_each_error():
    text = (ROOT / "docs/salesforce/oauth.md").read_text()
    section = text.split("### Errors of token exchange")[1].split("\n#")[0]
    table = [line.split("|") for line in section.splitlines() if line.startswith("|")]
    documented = {(row[3].split()[0], row[4].partition("(")[0].strip()) for row in table}
    for row in ROWS:
        texts = {text for error, text in documented if error == row.error}
        is_ours = row.decision in {"request", "validate"} or ": " in row.description
        assert row.description in texts or is_ours, row


def test_each_decision_can_fail():
    failing = {row.decision for row in ROWS}
    # Only a concurrent request can make the last decision fail.
    assert failing == {each.name for each in EXCHANGE} - {"tokens"}


def test_the_first_of_two_faults_is_the_error(setup, subtests):
    """Break two things whose decisions follow each other."""
    order = [each.name for each in EXCHANGE]
    first_rows = {row.decision: row for row in reversed(ROWS)}
    rows = [first_rows[name] for name in order if name in first_rows]
    for earlier, later in pairwise(rows):
        with subtests.test(f"{earlier.case}, {later.case}"), restored(setup):
            changes = later.cause(setup) | earlier.cause(setup)

            response = setup.post(**changes)

            assert response.json()["error_description"] == earlier.description


def test_other_methods_and_bodies_are_refused(setup, subtests):
    requests = {
        "GET": lambda: Client().get(TOKEN_URL, setup.parameters()),
        "HEAD": lambda: Client().head(TOKEN_URL),
        "PUT": lambda: Client().put(TOKEN_URL),
        "JSON": lambda: Client().post(
            TOKEN_URL, setup.parameters(), content_type="application/json"
        ),
        "a part without an end": lambda: Client().post(
            TOKEN_URL, b"--x", content_type="multipart/form-data"
        ),
        "too many fields": lambda: Client().post(
            TOKEN_URL, {f"f{n}": "1" for n in range(1_100)}
        ),
    }
    for name, send in requests.items():
        with subtests.test(name):
            response = send()

            assert response.status_code == 400
            assert response["Content-Type"] == "application/json;charset=UTF-8"
            assert response["Cache-Control"] == "no-store"
            if name != "HEAD":
                assert response.json()["error"] == "invalid_request"
            if name in {"GET", "HEAD", "PUT"}:
                assert response["Allow"] == "POST, OPTIONS"


def test_a_busy_server_asks_to_come_back(setup, monkeypatch):
    def full(org):
        raise NoPlaceError("The server is busy with other runs. Try again in a moment.")

    monkeypatch.setattr(running, "place_for", full)
    response = setup.post()

    assert response.status_code == 503
    assert response["Retry-After"] == "1"
    assert response.json() == {
        "error": "service_unavailable",
        "error_description": "server too busy",
    }
    [row] = [each for each in traced(setup, {}) if each.state == DecisionState.FAILED]
    assert (row.name, row.found) == (
        "validate",
        "The server is busy with other runs. Try again in a moment.",
    )


def test_a_refused_request_keeps_no_user_that_its_class_created(setup, subtests):
    change(setup.handler, {"allows_user_creation": True})
    AppProfileFactory(org=setup.org, app=setup.app)
    for token in ["insert eve@x.example", "new eve@x.example", "mixed eve@x.example"]:
        with subtests.test(token):
            before = kept()

            # New users have a profile that the app doesn't have.
            response = setup.post(subject_token=token, scope="web")

            assert response.status_code == 400
            assert kept() == before


def test_a_check_keeps_nothing_even_if_it_succeeds(setup):
    change(setup.handler, {"allows_user_creation": True})
    before = kept()
    for token in [setup.user.username, "new eve@x.example"]:
        rows = traced(setup, {"subject_token": token})

        assert rows[-1].name == "tokens"
        assert kept() == before
        assert not LoginRecord.objects.exists()


def test_a_new_user_gets_a_token(setup):
    change(setup.handler, {"allows_user_creation": True})
    setup.admit_everyone()

    response = setup.post(subject_token="new eve@x.example")

    assert response.status_code == 200, response.json()
    assert User.objects.get(org=setup.org, username="eve@x.example").is_active
