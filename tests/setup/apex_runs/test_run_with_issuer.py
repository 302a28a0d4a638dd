"""Handler classes on tokens of a simulated issuer, without the network."""

import socket

import pytest

from tests.factories import IssuerFactory, RemoteSiteFactory
from tokenx.apex.runtime.trace import CalloutFinished
from tokenx.setup.apex_runs.tokens import Broken, Mint, TokenKind, mint

from .handler_calls import run_class

pytestmark = pytest.mark.django_db
HOST = "https://idp.example"
KEYS = f"""
    Auth.JWT jwt = Auth.JWTUtil.validateJWTWithKeysEndpoint(token, '{HOST}/keys', false);
    String until = (String) jwt.getAdditionalClaims().get('exp');
    if (Datetime.valueOfGmt(until) < Datetime.now()) {{
        return new Auth.TokenValidationResult(false);
    }}
    Auth.UserData data = new Auth.UserData(
        jwt.getSub(), null, null, null, null, null, jwt.getSub(), null, null, null, null);
    return new Auth.TokenValidationResult(true, null, data, token, tokenType, null);
"""
OPAQUE = f"""
    HttpRequest request = new HttpRequest();
    request.setEndpoint('{HOST}/introspect');
    request.setMethod('POST');
    request.setHeader('Content-Type', 'application/x-www-form-urlencoded');
    request.setBody('token=' + EncodingUtil.urlEncode(token, 'UTF-8'));
    HttpResponse response = new Http().send(request);
    Map<String, Object> found =
        (Map<String, Object>) JSON.deserializeUntyped(response.getBody());
    Boolean isActive = response.getStatusCode() == 200 && found.get('active') == true;
    String name = (String) found.get('sub');
    Auth.UserData data = new Auth.UserData(
        null, null, null, null, null, null, name, null, null, null, null);
    return new Auth.TokenValidationResult(isActive, null, data, token, tokenType, null);
"""
FIND = "return [SELECT Id FROM User WHERE Username = :result.getUserData().username];"


@pytest.fixture
def issuer(admin, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError(f"The network was used: {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    RemoteSiteFactory(org=admin.org, name="Idp", url=HOST)
    return IssuerFactory(
        org=admin.org,
        name="Idp",
        iss=HOST,
        algorithm="RS256",
        keys_url=f"{HOST}/keys",
        introspection_url=f"{HOST}/introspect",
    )


@pytest.mark.parametrize(
    ("validate", "kind"), [(KEYS, TokenKind.JWT), (OPAQUE, TokenKind.OPAQUE)]
)
def test_good_and_bad_tokens(admin, issuer, validate, kind):
    def run(how, subject=admin.username):
        token = mint(issuer, {"sub": subject}, how)
        return run_class(admin, validate, FIND, token=token)

    found = run(Mint(kind=kind))
    assert (found.refusal, found.user) == ("", admin)
    callout = next(each for each in found.trace.events if isinstance(each, CalloutFinished))
    assert callout.source.startswith("The simulated issuer Idp answered")
    assert not run(Mint(kind=kind, broken=Broken.FORGED)).is_successful
    assert not run(Mint(kind=kind, broken=Broken.EXPIRED)).is_successful
    found = run(Mint(kind=kind), "nobody@x.example")
    assert "System.QueryException: List has no rows for assignment to SObject" in (
        found.refusal
    )


def test_without_a_remote_site(admin, issuer):
    RemoteSiteFactory._meta.model.objects.all().delete()
    token = mint(issuer, {"sub": admin.username}, Mint(kind=TokenKind.OPAQUE))

    found = run_class(admin, OPAQUE, FIND, token=token)

    assert found.refusal.startswith(
        "System.CalloutException: Unauthorized endpoint, please check "
        "Setup->Security->Remote site settings. endpoint = https://idp.example/introspect"
    )
