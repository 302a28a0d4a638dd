"""No secret and no token is kept: in the login history, traces, logs, or error reports."""

import base64
import json
import logging
from dataclasses import asdict
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import UserFactory
from tokenx.oauth.decision import DecisionState, TraceRow
from tokenx.oauth.exchange import exchange
from tokenx.oauth.redaction import Redaction, hide_values, shortened
from tokenx.oauth.token_request import Client, TokenRequest
from tokenx.org.models import LoginRecord

from .exchanging import SECRET, TRUSTING, exchanging_org

SERVER = Client("http://testserver")
PART = 12
TOKENS = st.text("abcXYZ019-_.+/=% é✓", min_size=16, max_size=60)


def parts_of(token):
    return {token[at : at + PART] for at in range(len(token) - PART + 1)}


def assert_hidden(token, text):
    assert not [part for part in parts_of(token) if part in text]


@given(token=TOKENS, before=st.text("Жщ|", max_size=5), data=st.data())
def test_no_part_of_a_token_stays_in_a_text(token, before, data):
    start = data.draw(st.integers(0, len(token)))
    end = data.draw(st.integers(start, len(token)))
    text = f"{before}{token[start:end]}|{token}{before}{token[:end]}"

    assert_hidden(token, hide_values(text, [token]))


@given(token=st.from_regex(r"[A-Za-z0-9_-]{30,90}", fullmatch=True), data=st.data())
def test_no_form_of_a_token_stays_in_a_text(token, data):
    prefix = data.draw(st.sampled_from(["", "id:", "ab", "c"]))
    raw = (prefix + token).encode()
    forms = [
        quote(token + "%", safe=""),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        token.encode().hex(),
    ]
    for form in forms:
        hidden = hide_values(f"Authorization: {form}", [token])
        middle = form[len(form) // 2 - 6 : len(form) // 2 + 6]
        assert middle not in hidden


@given(text=st.text(max_size=60))
def test_texts_without_a_token_stay_the_same(text):
    assert hide_values(text, ["~" * 40]) == text


def test_shows_at_most_half_of_a_short_secret():
    assert shortened("hunter2") == "hun…"
    assert shortened("x" * 40) == "xxxxxxxx…"
    assert shortened("") == ""
    assert hide_values("The password hunter2 is known", ["hunter2"]) == (
        "The password hun… is known"
    )
    assert hide_values("The latest", ["test"]) == "The latest"


def test_ids_that_a_token_starts_with_are_no_secret():
    token = "00D000000000001!" + "secret.characters_of.the_token"
    request = TokenRequest(SERVER, client_secret="s" * 40)
    row = TraceRow("user", "User", "x", DecisionState.PASSED, "005000000000001", token)

    [hidden] = Redaction(request, {"access_token": token}).of([row])

    assert hidden.examined == "005000000000001"
    assert_hidden(token, hidden.found)


def written(data):
    return json.dumps(data, default=str, ensure_ascii=False)


# A class that prints and returns all that it sees.
TELLING = (
    TRUSTING.replace("TrustingHandler", "TellingHandler")
    .replace(
        "        if (incomingToken == 'bad') {\n"
        "            return new Auth.TokenValidationResult(false);",
        "        System.debug('Token ' + incomingToken);\n"
        "        System.debug(EncodingUtil.urlEncode('=' + incomingToken, 'UTF-8'));\n"
        "        System.debug(EncodingUtil.base64Encode(Blob.valueOf(incomingToken)));\n"
        "        System.debug(incomingToken.substring(20, 60));\n"
        "        if (incomingToken.endsWith('bad')) {\n"
        "            return new Auth.TokenValidationResult(false, null, null, null,\n"
        "                tokenType, 'Not this: ' + incomingToken);",
    )
    .replace("String name = result.userData.identifier;", "String name = '%s';")
)


@pytest.fixture
def telling(org):
    user = UserFactory(org=org)
    setup = exchanging_org(org, TELLING % user.username)
    setup.user = user
    setup.admit_everyone()
    return setup


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["good", "bad"])
def test_nothing_keeps_a_token_or_a_secret(telling, caplog, end):
    caplog.set_level(logging.DEBUG)
    token = "header-of-the-token.payload-of-the-token-that-is-long.signature-" + end
    request = TokenRequest(SERVER, **telling.parameters(subject_token=token))

    decided = exchange(request)

    assert decided.is_success == (end == "good")
    record = LoginRecord.objects.values().get()
    rows = [asdict(row) for row in decided.rows]
    kept = [written(record), written(rows), decided.kept_description]
    hidden = [token, SECRET]
    for name in ["access_token", "refresh_token", "signature"]:
        value = decided.body.get(name, "")
        hidden.append(value.partition("!")[2] or value.removeprefix("5Aep861")[15:])
    for text in [*kept, caplog.text]:
        for secret in hidden:
            assert_hidden(secret, text)
    steps = written(record["trace"])
    assert "Token header-o…" in steps
    assert quote(token, safe="")[20:32] not in steps


@pytest.mark.django_db
def test_a_log_of_an_unexpected_error_has_no_token(telling, caplog, monkeypatch):
    token = "token-" + "abcdefghij" * 6

    def fail(*, app, sent="", **values):
        raise RuntimeError(f"Broken by {token} and {SECRET}")

    monkeypatch.setattr("tokenx.oauth.decisions.users.issue_tokens", fail)
    response = telling.post(subject_token=token)

    assert response.status_code == 500
    assert response.json() == {
        "error": "server_error",
        "error_description": "an unexpected error occurred",
    }
    assert response["Cache-Control"] == "no-store"
    assert "RuntimeError: Broken by" in caplog.text
    assert_hidden(token, caplog.text)
    assert_hidden(SECRET, caplog.text)
    record = LoginRecord.objects.values().get()
    assert record["error"] == "server_error"
    assert_hidden(token, str(record))
    assert_hidden(SECRET, str(record))


# A class whose message is what the test says.
SAYING = TRUSTING.replace("TrustingHandler", "SayingHandler").replace(
    "return new Auth.TokenValidationResult(false);",
    "return new Auth.TokenValidationResult(false, null, null, null, tokenType, %s);",
)


@pytest.mark.django_db
def test_a_long_message_is_cut_before_tokens_are_hidden(org):
    token = "bad"
    setup = exchanging_org(org, SAYING % "'Not this. '.repeat(5000)")

    response = setup.post(subject_token=token)

    assert len(response.json()["error_description"]) == 50_000
    assert len(written(LoginRecord.objects.get().trace)) < 20_000


@pytest.mark.django_db
def test_a_message_with_odd_characters_is_recorded(org):
    odd = "String.fromCharArray(new List<Integer>{65, 0, 55296, 66})"
    setup = exchanging_org(org, SAYING % odd)

    response = setup.post(subject_token="bad")

    assert response.status_code == 400
    record = LoginRecord.objects.get()
    assert record.error_description == "A\ufffd?B"
    assert "\\u0000" not in json.dumps(record.trace)


def test_a_cut_leaves_no_part_of_a_token():
    token = "".join(chr(97 + at % 26) + str(at) for at in range(100))
    request = TokenRequest(SERVER, subject_token=token)
    for length in range(30, 60):
        [hidden] = Redaction(request, {}).of([f"The {token}" * 2], longest=length)
        assert_hidden(token, hidden)
        assert len(hidden) <= length
