"""Requests as clients send them: forms, clients in the body or the header, and nonsense."""

import hashlib
import json
from base64 import b64encode
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import quote_plus, urlencode

import pytest
import waitress
from django.test import Client

from tokenx.org.models import AccessToken
from tokenx.web.server.serving import LIMITS
from tokenx.wsgi import application

from .exchanging import JWT, SECRET, TOKEN_URL, exchanging_org

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def setup(org):
    return exchanging_org(org)


def post(setup, body=None, query="", headers=None, kind=FORM, **changes):
    data = setup.parameters(**changes)
    body = urlencode(data, doseq=True) if body is None else body
    client = Client(headers=headers or {})
    return client.post(TOKEN_URL + query, body, content_type=kind)


def basic(text):
    return {"Authorization": f"Basic {b64encode(text.encode()).decode()}"}


IN_HEADER = {"client_id": None, "client_secret": None}


@pytest.mark.django_db
def test_what_clients_send_is_taken(setup, subtests):
    key = setup.app.consumer_key
    cases = {
        "the slash": {"query": "/"},
        "a query": {"query": "?device_id=1234&scope=web&client_id=x"},
        "a charset": {"kind": f"{FORM};charset=UTF-8"},
        "uppercase": {"kind": FORM.upper()},
        "format": {"format": "json"},
        "unknown parameters": {
            "requested_token_type": "urn:x",
            "audience": ["a", "b"],
            "redirect_uri": "http://localhost/x",
            "code_verifier": "y" * 171,
        },
        "the other spelling of JWT": {"subject_token_type": JWT.replace(":jwt", ":JWT")},
        "the hybrid form": {
            "grant_type": "urn:ietf:params:oauth:grant-type:hybrid-token-exchange"
        },
        "the handler's name": {"token_handler": setup.handler.developer_name.upper()},
        "the class's name": {"token_handler": "trustinghandler"},
        "empty parameters": {"token_handler": "", "scope": ""},
        "the other spelling of scope": {"scopes": "api refresh_token"},
        "Basic": {"headers": basic(f"{key}:{SECRET}"), **IN_HEADER},
        "Basic, encoded": {
            "headers": basic(f"{quote_plus(key)}:{quote_plus(SECRET)}"),
            **IN_HEADER,
        },
        "lowercase basic": {
            "headers": {
                "Authorization": basic(f"{key}:{SECRET}")["Authorization"].replace(
                    "Basic", "basic"
                )
            },
            **IN_HEADER,
        },
        "Basic and the same client ID": {
            "headers": basic(f"{key}:{SECRET}"),
            "client_secret": None,
        },
        "Basic and the same client": {"headers": basic(f"{key}:{SECRET}")},
    }
    for name, sent in cases.items():
        with subtests.test(name):
            response = post(setup, **sent)
            assert response.status_code == 200, response.json()
            assert response.json()["scope"] == "api refresh_token"


@pytest.mark.django_db
def test_scopes_are_a_subset_of_the_apps(setup):
    assert post(setup, scope="api").json()["scope"] == "api"
    assert post(setup, scopes="api").json()["scope"] == "api"
    assert post(setup, scope="api", scopes="web").json()["scope"] == "api"
    assert post(setup, scopes="web").json()["error"] == "invalid_scope"


@pytest.mark.django_db
def test_a_multipart_form_is_taken(setup):
    response = Client().post(TOKEN_URL, setup.parameters())
    assert response.status_code == 200


@pytest.mark.django_db
def test_nonsense_is_refused_in_json(setup, subtests):
    key = setup.app.consumer_key
    good = urlencode(setup.parameters())
    cases = {
        "NUL in the key": {"client_id": key + "\0"},
        "NUL in the token": {"subject_token": "a\0b"},
        "NUL in the handler": {"token_handler": "a\0b"},
        "NUL in the scope": {"scope": "a\0b"},
        "NUL in the type": {"subject_token_type": "a\0b"},
        "invalid UTF-8": {"body": good.replace("subject_token=", "subject_token=%ff%fe")},
        "raw bytes": {"body": b"grant_type=\xff\xfe\x00"},
        "a lone surrogate": {"body": good.replace("client_id=", "client_id=%ed%a0%80")},
        "a repeated parameter": {"body": f"{good}&client_id={key}"},
        "an empty body": {"body": ""},
        "no form": {"body": "{}", "kind": "application/json"},
        "a huge body": {"body": good + "&x=" + "y" * 100_000},
        "many parameters": {"body": good + "&x=1" * 1_100},
        "not base64": {"headers": {"Authorization": "Basic ***"}, **IN_HEADER},
        "no colon": {"headers": basic("nothing"), **IN_HEADER},
        "no key": {"headers": basic(":secret"), **IN_HEADER},
        "two clients": {"headers": basic(f"other:{SECRET}")},
        "two secrets": {"headers": basic(f"{key}:other")},
        "not UTF-8 in the header": {
            "headers": {"Authorization": "Basic " + b64encode(b"\xff:\xff").decode()},
            **IN_HEADER,
        },
        "a long key": {"client_id": "k" * 5_000},
        "a long handler": {"token_handler": "h" * 5_000},
        "a long scope": {"scope": "s" * 5_000},
        "a part without an end": {"body": b"--x", "kind": "multipart/form-data"},
    }
    for name, sent in cases.items():
        with subtests.test(name):
            response = post(setup, **sent)
            assert response.status_code == 400
            assert response["Content-Type"] == "application/json;charset=UTF-8"
            assert response["Cache-Control"] == "no-store"
            assert response.json().keys() == {"error", "error_description"}
    assert not AccessToken.objects.exists()


SAML_CLASS = """
public class SamlReader extends Auth.Oauth2TokenExchangeHandler {
    public override Auth.TokenValidationResult validateIncomingToken(
            String appName, Auth.IntegratingAppType appType, String incomingToken,
            Auth.OAuth2TokenExchangeType tokenType) {
        return new Auth.TokenValidationResult(false, null, null, null, tokenType,
            'Got ' + incomingToken.length() + ' ' + tokenType + ' ' +
            EncodingUtil.convertToHex(Crypto.generateDigest('SHA-256',
                Blob.valueOf(incomingToken))));
    }
}
"""


@pytest.mark.django_db
def test_a_saml_assertion_reaches_the_class_unchanged(org):
    setup = exchanging_org(org, SAML_CLASS)
    setup.handler.supports_saml2 = True
    setup.handler.save()
    assertion = "PHNhbWw6QXNzZXJ0aW9uPsOkw7bDvC0tXzwvc2FtbDpBc3NlcnRpb24-" * 60 + "_-="

    response = post(
        setup,
        subject_token=assertion,
        subject_token_type="urn:ietf:params:oauth:token-type:saml2",
    )

    digest = hashlib.sha256(assertion.encode()).hexdigest()
    assert response.json()["error_description"] == (f"Got {len(assertion)} SAML_2 {digest}")


@pytest.fixture
def port(transactional_db, settings):
    """Serve as `manage.py demo` does."""
    settings.ALLOWED_HOSTS = ["*"]
    server = waitress.create_server(application, host="127.0.0.1", port=0, **LIMITS)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(timeout=10)


@pytest.mark.sqlite
def test_chunked_bodies_without_a_length_are_taken(port, org):
    """Send token, refresh, introspection, and revocation as jsforce does."""
    setup = exchanging_org(org)

    def send(path, data):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        body = urlencode(data).encode()
        chunks = (body[at : at + 10] for at in range(0, len(body), 10))
        headers = {"Content-Type": FORM}
        connection.request("POST", path, chunks, headers, encode_chunked=True)
        response = connection.getresponse()
        return response.status, response.read().decode()

    status, text = send(TOKEN_URL, setup.parameters())
    answer = json.loads(text)
    assert status == 200, text
    client = {"client_id": setup.app.consumer_key, "client_secret": SECRET}
    refresh = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    status, text = send(TOKEN_URL, client | refresh)
    assert status == 200, text
    token = {"token": answer["access_token"]}
    status, text = send("/services/oauth2/introspect", client | token)
    assert json.loads(text)["active"]
    assert send("/services/oauth2/revoke", token) == (200, "{}")
    status, text = send("/services/oauth2/introspect", client | token)
    assert json.loads(text) == {"active": False}
