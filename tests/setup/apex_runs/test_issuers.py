"""Simulated issuers: their tokens, and their answers to Apex's callouts."""

import base64
import hashlib
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, RSAKey

from tests.factories import IssuerFactory, OrgFactory
from tokenx.org.claims import MAX_CLAIMS, read_claims, write_claims
from tokenx.org.models import Issuer
from tokenx.setup.actions import issuers as actions
from tokenx.setup.actions.certificates import create_certificate
from tokenx.setup.apex_runs.issuers import answer
from tokenx.setup.apex_runs.tokens import Broken, Mint, TokenKind, claims_of, mint

HOST = "https://idp.example"
EXPIRED, FORGED = Mint(broken=Broken.EXPIRED), Mint(broken=Broken.FORGED)
OPAQUE = Mint(kind=TokenKind.OPAQUE)


@pytest.fixture
def idp(org):
    return IssuerFactory(
        org=org,
        name="Idp",
        iss=HOST,
        keys_url=f"{HOST}/keys",
        userinfo_url=f"{HOST}/userinfo",
        introspection_url=f"{HOST}/introspect",
        token_url=f"{HOST}/token",
    )


@pytest.fixture
def ask(org):
    """Return a function that calls an address and returns the status and the JSON."""

    def ask(method, path, *, form=None, token=None):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = urlencode(form or {}).encode()
        response = answer(org, method, f"{HOST}{path}", headers, body)
        return response.status_code, json.loads(response.body)

    return ask


def key_at(ask):
    key = ask("GET", "/keys")[1]["keys"][0]
    return RSAKey.import_key(key) if key["kty"] == "RSA" else ECKey.import_key(key)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_the_keys_url_verifies_a_token(admin, idp, ask, algorithm):
    idp = actions.edit_issuer(issuer=idp, name="Idp", by=admin, algorithm=algorithm)

    token = mint(idp, {"sub": "ada", "aud": ["a", "b"], "nbf": None})

    decoded = jwt.decode(token, key_at(ask), [algorithm])
    header = {"typ": "JWT", "alg": algorithm, "kid": idp.key_id}
    assert decoded.header == header
    claims = decoded.claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == (HOST, "ada", ["a", "b"])
    assert claims["exp"] - claims["iat"] == 300
    assert "nbf" not in claims


def test_a_forged_token_has_the_same_key_id_but_another_key(idp, ask):
    token = mint(idp, {"sub": "ada"}, FORGED)

    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert header["kid"] == idp.key_id
    with pytest.raises(BadSignatureError):
        jwt.decode(token, key_at(ask), ["ES256"])
    assert claims_of(idp, token) is None


@pytest.mark.parametrize("header", ["[]", '{"crit": 1}', '{"alg": []}', "[" * 50_000])
def test_a_malformed_header_is_no_token_of_the_issuer(idp, header):
    part = base64.urlsafe_b64encode(header.encode()).decode().rstrip("=")
    assert claims_of(idp, f"{part}.e30.eA") is None


def test_an_expired_token_expired_an_hour_ago(idp):
    now = timezone.now()
    how = Mint(lifetime=timedelta(minutes=10), broken=Broken.EXPIRED)

    claims = claims_of(idp, mint(idp, {}, how, now=now))

    assert claims["exp"] == int((now - timedelta(hours=1)).timestamp())
    assert claims["exp"] - claims["iat"] == 600


@pytest.mark.parametrize("kind", [TokenKind.JWT, TokenKind.OPAQUE])
def test_introspection_tells_whether_a_token_is_active(idp, ask, kind):
    def state_of(token):
        return ask("POST", "/introspect", form={"token": token})

    claims = {"sub": "ada", "username": "ada@x.example", "aud": "api"}
    status, content = state_of(mint(idp, claims, Mint(kind=kind)))

    assert status == 200
    assert content["active"] is True
    assert content["token_type"] == "Bearer"
    assert claims.items() <= content.items()
    for token in [
        mint(idp, claims, Mint(kind=kind, broken=Broken.EXPIRED)),
        mint(idp, claims, Mint(kind=kind, broken=Broken.FORGED)),
        mint(idp, claims | {"nbf": timezone.now().timestamp() + 60}, Mint(kind=kind)),
        "x",
        "a.b.c",
        "ä.ö.ü",
    ]:
        assert state_of(token) == (200, {"active": False})
    assert state_of("")[0] == 400


def test_an_opaque_token_says_nothing_by_itself(idp):
    token = mint(idp, {"sub": "ada"}, OPAQUE)

    assert "." not in token
    assert "ada" not in base64.urlsafe_b64decode(token + "==").decode("latin-1")


def test_an_opaque_token_belongs_to_its_issuer_and_key(admin, idp):
    token = mint(idp, {"sub": "ada"}, OPAQUE)
    other = IssuerFactory(org=idp.org, name="Other")
    elsewhere = IssuerFactory(org=OrgFactory(), name="Idp")

    assert claims_of(idp, token)["sub"] == "ada"
    assert claims_of(other, token) is None
    assert claims_of(elsewhere, token) is None
    rotated = actions.rotate_key(issuer=idp, by=admin)
    assert claims_of(rotated, token)["sub"] == "ada"
    assert claims_of(actions.rotate_key(issuer=rotated, by=admin), token) is None


@pytest.mark.parametrize("how", [Mint(), OPAQUE])
def test_userinfo_returns_the_users_claims(idp, ask, how):
    token = mint(idp, {"sub": "ada", "email": "ada@x.example", "aud": "api"}, how)

    assert ask("GET", "/userinfo", token=token) == (
        200,
        {"sub": "ada", "email": "ada@x.example"},
    )
    for bad in [None, "x", mint(idp, {}, EXPIRED), mint(idp, {}, FORGED)]:
        assert ask("GET", "/userinfo", token=bad) == (401, {"error": "invalid_token"})


def test_the_token_url_redeems_a_refresh_token(idp, ask):
    refresh = mint(idp, {"sub": "ada", "aud": "app", "email_verified": True}, OPAQUE)
    form = {"grant_type": "refresh_token", "refresh_token": refresh}

    status, content = ask("POST", "/token", form=form)

    assert status == 200
    claims = jwt.decode(content["id_token"], key_at(ask), ["ES256"]).claims
    assert (claims["sub"], claims["aud"], claims["email_verified"]) == ("ada", "app", True)
    assert claims_of(idp, content["access_token"])["sub"] == "ada"
    expired = mint(idp, {}, Mint(kind=TokenKind.OPAQUE, broken=Broken.EXPIRED))
    assert ask("POST", "/token", form=form | {"refresh_token": expired}) == (
        400,
        {"error": "invalid_grant"},
    )
    assert ask("POST", "/token")[1] == {"error": "unsupported_grant_type"}


def test_answers_only_the_orgs_own_addresses(org, idp):
    theirs = IssuerFactory(org=OrgFactory(), keys_url="https://theirs.example/keys")

    def found(url, method="GET"):
        response = answer(org, method, url, {}, b"")
        return response and response.status_code

    assert found(f"{HOST}/keys") == 200
    assert found("https://IDP.example:443/keys?appid=1") == 200
    assert found(f"{HOST}/keys", "POST") == 405
    assert found(f"{HOST}/keys/") is None
    assert found(f"{HOST}:8443/keys") is None
    assert found(f"http{HOST[5:]}/keys") is None
    assert found(theirs.keys_url) is None
    assert found("https://[") is None


def test_says_who_answered(org, idp):
    response = answer(org, "GET", f"{HOST}/keys", {}, b"")

    assert response.source == "The simulated issuer Idp answered at its Keys URL."
    assert response.headers["Content-Type"] == "application/json"


def test_an_address_with_a_query_answers_only_with_it(org):
    IssuerFactory(org=org, keys_url=f"{HOST}/keys?appid=1")

    assert answer(org, "GET", f"{HOST}/keys?appid=1", {}, b"")
    assert answer(org, "GET", f"{HOST}/keys", {}, b"") is None


def test_another_secret_key_needs_a_new_issuer_key(idp, ask, settings):
    settings.SECRET_KEY = "another"

    with pytest.raises(ValidationError, match="Rotate the key of Idp"):
        mint(idp, {})
    assert ask("GET", "/keys")[0] == 200


# --- SAML -------------------------------------------------------------------------------


def test_signs_an_assertion_as_the_shipped_class_reads_it(admin):
    certificate = create_certificate(name="Signing", label="Signing", by=admin)
    saml = actions.create_issuer(
        name="Saml", label="SAML", iss="https://sso.example", by=admin,
        certificate_name="Signing",
    )  # fmt: skip
    claims = {"sub": "ada & <co>", "aud": "https://x.example", "group": ["a", "b"]}

    token = mint(saml, claims, Mint(kind=TokenKind.SAML))

    xml = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    before, _, rest = xml.partition("<ds:Signature ")
    signature, _, after = rest.partition("</ds:Signature>")
    info = signature.partition("<ds:SignedInfo>")[2].partition("</ds:SignedInfo>")[0]
    digest = base64.b64encode(hashlib.sha256((before + after).encode()).digest())
    assert f"<ds:DigestValue>{digest.decode()}</ds:DigestValue>" in info
    value = signature.partition("<ds:SignatureValue>")[2].partition("</")[0]
    namespace = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    certificate_key = certificate_public_key(certificate)
    certificate_key.verify(
        base64.b64decode(value),
        f"<ds:SignedInfo {namespace}>{info}</ds:SignedInfo>".encode(),
        PKCS1v15(),
        SHA256(),
    )
    assert ">ada &amp; &lt;co&gt;</saml:NameID>" in xml
    assert "<saml:Audience>https://x.example</saml:Audience>" in xml
    assert xml.count("<saml:AttributeValue>") == 2


def certificate_public_key(certificate):
    return x509.load_pem_x509_certificate(certificate.pem.encode()).public_key()


def test_an_elliptic_key_signs_no_assertion(idp):
    with pytest.raises(ValidationError, match="SAML assertions need RS256"):
        mint(idp, {}, Mint(kind=TokenKind.SAML))


# --- Claims -----------------------------------------------------------------------------


def test_reads_claims_as_lines_and_as_json():
    lines = 'sub = ada\n\naud=["a","b"]\r\nexp=1764540000\nid="12"\nnbf=null\nq=a=b\n'
    expected = {
        "sub": "ada",
        "aud": ["a", "b"],
        "exp": 1764540000,
        "id": "12",
        "nbf": None,
        "q": "a=b",
    }

    assert read_claims(lines) == expected
    assert read_claims(json.dumps(expected)) == expected
    assert read_claims("") == {}


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.slow
@given(st.dictionaries(TEXT.filter(bool), JSON, max_size=5))
def test_reads_what_it_writes(claims):
    assert read_claims(write_claims(claims)) == claims


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "=x",
        "a=1\na=2",
        "{",
        "{" * 5000,
        '{"a": 1, "a": 2}',
        '{"a": 1e999}',
        "a=1e999",
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        f'{{"{"x" * 201}": 1}}',
        "\n".join(f"a{number}=1" for number in range(MAX_CLAIMS + 1)),
        "a=" + "x" * 9000,
    ],
)
def test_refuses_claims(text):
    with pytest.raises(ValidationError):
        read_claims(text)


def test_issuers_keys_are_theirs_alone(org):
    keys = {IssuerFactory(org=org).key_id for _ in range(3)}

    assert len(keys) == 3
    assert not Issuer.objects.filter(sealed_key="").exists()
