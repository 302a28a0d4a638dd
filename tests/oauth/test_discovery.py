"""Discovery lists what's served, and its issuer is the address that clients use."""

import json

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet

from tokenx.oauth.decisions import EXCHANGE, REFRESH, decisions_of
from tokenx.oauth.signing_keys import (
    KEPT,
    ROTATED_AFTER,
    forget_signing_key,
    public_keys,
    rotate_signing_key,
    signing_key,
)
from tokenx.org.models import Scope, SigningKey

from .exchanging import exchanging_org

pytestmark = pytest.mark.django_db
DOCUMENT = "/.well-known/openid-configuration"
DOCUMENTS = [DOCUMENT, "/.well-known/oauth-authorization-server"]


@pytest.fixture
def setup(org):
    setup = exchanging_org(org)
    setup.app.scopes = ["openid", "full"]
    setup.app.save()
    return setup


def test_the_issuer_is_the_address_of_the_document(subtests, settings):
    settings.ALLOWED_HOSTS = ["*"]
    hosts = ["localhost:8000", "127.0.0.1:8801", "tokenx.example", "[::1]:8000"]
    for host in hosts:
        for path in DOCUMENTS:
            for scheme in ["http", "https"]:
                with subtests.test(path, host=host, scheme=scheme):
                    response = Client().get(
                        path, headers={"Host": host}, secure=scheme == "https"
                    )
                    document = response.json()
                    assert document["issuer"] == f"{scheme}://{host}"
                    for name, value in document.items():
                        if name.endswith(("_endpoint", "_uri")):
                            assert value.startswith(document["issuer"] + "/")


def test_lists_only_what_is_served():
    document = Client().get(DOCUMENT).json()
    addresses = {
        name: value.removeprefix("http://testserver")
        for name, value in document.items()
        if name.endswith(("_endpoint", "_uri"))
    }
    assert {name: resolve(path).url_name for name, path in addresses.items()} == {
        "token_endpoint": "token",
        "revocation_endpoint": "revoke",
        "introspection_endpoint": "introspect",
        "userinfo_endpoint": "user-info",
        "jwks_uri": "keys",
    }
    grants = document["grant_types_supported"]
    assert {decisions_of(each) for each in grants} == {EXCHANGE, REFRESH}
    assert document["scopes_supported"] == Scope.values
    assert document["response_types_supported"] == []
    assert Client().get(DOCUMENTS[1]).json() == document


def test_unknown_documents_are_not_found_as_json():
    response = Client().get("/.well-known/security.txt")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("application/json")


def test_the_keys_verify_id_tokens(setup):
    answer = setup.post().json()
    keys = Client().get("/id/keys").json()

    token = jwt.decode(answer["id_token"], KeySet.import_key_set(keys), ["RS256"])

    [key] = keys["keys"]
    assert "d" not in key
    assert (key["kid"], key["use"], key["alg"]) == (token.header["kid"], "sig", "RS256")
    assert token.claims["sub"] == answer["id"]
    assert token.claims["aud"] == setup.app.consumer_key
    assert token.claims["iss"] == "http://testserver"
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    userinfo = Client(headers=headers).get("/services/oauth2/userinfo").json()
    supported = set(Client().get(DOCUMENT).json()["claims_supported"])
    assert {*token.claims, *userinfo} == supported


def test_rotated_keys_stay_for_a_while(setup):
    old = setup.post().json()["id_token"]
    for _ in range(KEPT - 1):
        rotate_signing_key()
    keys = Client().get("/id/keys").json()

    assert jwt.decode(old, KeySet.import_key_set(keys), ["RS256"])

    rotate_signing_key()
    after = Client().get("/id/keys").json()["keys"]
    assert SigningKey.objects.count() == len(after) == KEPT
    assert keys["keys"][-1] not in after
    new = setup.post().json()["id_token"]
    assert jwt.decode(new, KeySet.import_key_set({"keys": after}), ["RS256"])
    private = set(SigningKey.objects.values_list("sealed_key", flat=True))
    assert not [each for each in private if each in json.dumps(after)]


def test_an_old_key_is_replaced_and_still_verifies(setup):
    old = setup.post().json()["id_token"]
    SigningKey.objects.update(created_at=timezone.now() - ROTATED_AFTER)
    forget_signing_key()

    new = setup.post().json()["id_token"]

    keys = KeySet.import_key_set(Client().get("/id/keys").json())
    tokens = [jwt.decode(each, keys, ["RS256"]) for each in [old, new]]
    assert len({token.header["kid"] for token in tokens}) == 2
    assert SigningKey.objects.count() == 2


def test_a_key_that_was_rolled_back_signs_no_more():
    with transaction.atomic():
        signing_key()
        transaction.set_rollback(True)

    key_id, _ = signing_key()

    assert key_id in {each["kid"] for each in public_keys()}
