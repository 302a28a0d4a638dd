"""Simulated issuers over HTTP: this server's own addresses, and the mint."""

import json
import secrets
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.factories import AccessTokenFactory, IssuerFactory, OrgFactory, UserFactory
from tokenx.org.models import BuiltInProfile, Issuer
from tokenx.org.record_ids import ORG, record_id
from tokenx.org.sessions import hash_token
from tokenx.setup.apex_runs.tokens import Mint, TokenKind, claims_of, mint

MINT = "/services/tokenx/mint"


@pytest.fixture
def own(org):
    """Return an issuer with this server's addresses, as its page proposes them."""
    iss = f"http://testserver/idp/{record_id(ORG, org.pk)}/Own"
    return IssuerFactory(
        org=org,
        name="Own",
        iss=iss,
        discovery_url=f"{iss}/.well-known/openid-configuration",
        keys_url=f"{iss}/keys",
        userinfo_url=f"{iss}/userinfo",
        introspection_url=f"{iss}/introspect",
        token_url=f"{iss}/token",
        claims={"aud": "salesforce"},
    )


def post(url, **form):
    """Send a form as OAuth clients do."""
    return Client().post(
        url, urlencode(form), content_type="application/x-www-form-urlencoded"
    )


def bearer(user, **fields):
    """Return the header of a session. AccessTokenFactory doesn't know its text."""
    text = f"{record_id(ORG, user.org_id)[:15]}!{secrets.token_hex(21)}x"
    AccessTokenFactory(user=user, token_hash=hash_token(text), **fields)
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def ask(admin):
    headers = bearer(admin)

    def ask(recipe, **changes):
        body = recipe if isinstance(recipe, bytes) else json.dumps(recipe)
        return Client().post(
            MINT, body, content_type="application/json", headers=headers | changes
        )

    return ask


def test_an_issuers_own_addresses_answer_anyone(own):
    found = Client().get(own.discovery_url).json()

    assert found["issuer"] == own.iss
    assert found["jwks_uri"] == own.keys_url
    keys = Client().get(found["jwks_uri"])
    assert [key["kid"] for key in keys.json()["keys"]] == [own.key_id]
    assert "d" not in keys.json()["keys"][0]
    assert "no-store" in keys["Cache-Control"]
    assert "Set-Cookie" not in keys
    token = mint(own, {"sub": "ada", "aud": "salesforce"})
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get(found["userinfo_endpoint"], headers=headers).json() == {
        "sub": "ada"
    }
    answer = post(found["introspection_endpoint"], token=token).json()
    assert answer["active"] is True
    refresh = mint(own, {"sub": "ada", "aud": "x"}, Mint(kind=TokenKind.OPAQUE))
    answer = post(
        found["token_endpoint"], grant_type="refresh_token", refresh_token=refresh
    ).json()
    assert claims_of(own, answer["id_token"])["sub"] == "ada"


def test_another_orgs_tokens_and_unknown_addresses_are_refused(own):
    other = OrgFactory()
    path = own.keys_url.replace(record_id(ORG, own.org_id), record_id(ORG, other.pk))
    for url in [
        path,
        own.keys_url.replace("/Own/", "/Other/"),
        f"{own.iss}/none",
        "/idp/00D000000000999/x",
    ]:
        response = Client().get(url)
        assert (response.status_code, response.json()["error"]) == (404, "not_found")
    twin = IssuerFactory(org=other, name="Own")
    token = mint(twin, {"sub": "ada"})
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get(own.userinfo_url, headers=headers).status_code == 401
    assert post(own.introspection_url, token=token).json() == {"active": False}


def test_addresses_take_only_their_methods_and_small_bodies(own):
    response = Client().get(own.introspection_url)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    response = post(own.introspection_url, token="x" * 100_001)
    assert response.status_code == 400


def test_an_address_elsewhere_never_answers_here(own):
    Issuer.objects.update(keys_url="https://idp.example/keys")

    assert Client().get(own.iss + "/keys").status_code == 404


def test_mints_over_http(ask, own):
    UserFactory(org=own.org, first_name="Ada", last_name="Lovelace", federation_id="a-1")

    response = ask({"issuer": "Own", "person": "Ada Lovelace", "claims": {"x": 1}})

    answer = response.json()
    assert response.status_code == 200, answer
    assert response["Cache-Control"] == "no-store"
    assert answer["token_type"] == "urn:ietf:params:oauth:token-type:jwt"
    claims = claims_of(own, answer["token"])
    assert answer["decoded"]["claims"] == claims
    assert answer["decoded"]["header"]["kid"] == own.key_id
    assert (claims["sub"], claims["aud"], claims["x"]) == ("a-1", "salesforce", 1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "The body isn't valid JSON."),
        (b"\xff", "The body isn't valid JSON."),
        (b"[" * 50_000, "The body isn't valid JSON."),
        (b"x" * 100_001, "The body is larger than 100,000 bytes."),
        ({"issuer": "None_Such"}, "This org has no simulated issuer"),
        ({"issuer": "Own", "person": "No_One"}, "Own has no person named No_One."),
        ({"issuer": "Own", "sub": "x"}, "Unknown option: sub."),
        ({"issuer": "Own", "key": "previous"}, "Own has no previous key."),
    ],
)
def test_the_mint_says_what_is_invalid(ask, own, body, message):
    response = ask(body)

    assert response.status_code == 400
    assert response.json()["error"] == "invalid_request"
    assert message in response.json()["error_description"]


def test_only_administrators_with_the_scope_api_mint(org, admin, own):
    recipe = {"issuer": "Own"}
    for profile in [BuiltInProfile.STANDARD_USER, BuiltInProfile.SETUP_VIEWER]:
        headers = bearer(UserFactory(org=org, profile=profile))
        response = Client().post(
            MINT, recipe, content_type="application/json", headers=headers
        )
        assert response.status_code == 403
    headers = bearer(admin, scopes=["openid"])
    response = Client().post(MINT, recipe, content_type="application/json", headers=headers)
    assert response.json()["error"] == "insufficient_scope"
    assert Client().post(MINT, recipe, content_type="application/json").status_code == 401


def test_another_orgs_issuers_are_unknown_to_the_mint(ask):
    IssuerFactory(org=OrgFactory(), name="Theirs")

    assert ask({"issuer": "Theirs"}).status_code == 400


def test_the_command_mints(own, capsys):
    call_command("mint", "Own", username="", org=record_id(ORG, own.org_id), claims="sub=x")

    found = capsys.readouterr()
    assert claims_of(own, found.out.strip())["sub"] == "x"
    assert '"alg": "ES256"' in found.err
    for options in [
        {"org": "None such"},
        {"org": str(own.org), "claims": "x"},
        {"org": str(own.org), "person": "No_One"},
    ]:
        with pytest.raises(CommandError):
            call_command("mint", "Own", **options)
