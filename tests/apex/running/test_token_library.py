"""Tests Auth.JWTUtil, Auth.JWT, and the results that handlers return."""

import base64
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwk, jws

from tokenx.apex.library.auth import UserData
from tokenx.apex.runtime.ports import CalloutResponse, CertificateOfOrg
from tokenx.apex.runtime.trace import CalloutStarted, ClaimRead, TokenRead
from tokenx.apex.types import ApexType
from tokenx.apex.values import ApexMap, Id

from .library_calls import FakePorts, FakeRun, call, new, plain, static, thrown_by

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
KEYS = "https://issuer.example/keys"
CLAIMS = {
    "iss": "https://issuer.example",
    "sub": "ada",
    "aud": ["one", "two"],
    "exp": 1_796_000_000,
    "groups": ["a", "b", 3, True, None, ["c"]],
    "nested": {"a": 1},
    "email": "ada@example.com",
}
PRIVATE = (
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)
PUBLIC = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo


def part(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def signed(claims=None, key=KEY, **header):
    header = {"alg": "RS256", "kid": "k1", **header}
    kind = jwk.ECKey if isinstance(key, ec.EllipticCurvePrivateKey) else jwk.RSAKey
    payload = json.dumps(CLAIMS if claims is None else claims)
    private = kind.import_key(key.private_bytes(*PRIVATE))
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jws.serialize_compact(header, payload, private, registry=registry)


def jwks(*keys, **extra):
    entries = []
    for name, key in keys:
        kind = jwk.ECKey if isinstance(key, ec.EllipticCurvePrivateKey) else jwk.RSAKey
        pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        entries.append(
            {**kind.import_key(pem).as_dict(private=False), "kid": name, **extra}
        )
    return CalloutResponse(200, "OK", body=json.dumps({"keys": entries}).encode())


def with_keys(answer):
    return FakeRun(FakePorts(responses={KEYS: answer}))


def validated(run, token):
    return static(run, "Auth.JWTUtil", "validateJWTWithKeysEndpoint", token, KEYS, True)


def refused(run, token, method="validateJWTWithKeysEndpoint", *arguments):
    arguments = arguments or (KEYS, True)
    kind, message = thrown_by(static, run, "Auth.JWTUtil", method, token, *arguments)
    assert kind == "Auth.JWTValidationException"
    event = run.trace.events[-1]
    assert isinstance(event, TokenRead)
    assert not event.is_valid
    return message


def test_a_token_is_checked_with_the_key_that_it_names():
    run = with_keys(jwks(("k0", OTHER), ("k1", KEY)))
    jwt = validated(run, signed())

    assert call(run, jwt, "getSub") == "ada"
    assert call(run, jwt, "getIss") == "https://issuer.example"
    assert run.budget.callouts == 1
    kinds = [type(event) for event in run.trace.events]
    assert kinds[0] is CalloutStarted
    assert kinds[2:] == [TokenRead, ClaimRead, ClaimRead]


def test_a_received_jwt_has_salesforces_surprises():
    run = with_keys(jwks(("k1", KEY)))
    jwt = validated(run, signed())
    claims = plain(call(run, jwt, "getAdditionalClaims"))

    assert call(run, jwt, "getAud") == "[one, two]"
    assert claims["exp"] == "2026-11-30 00:53:20"
    assert claims["groups"] == "[a, b, 3, true, null, [c]]"
    assert claims["nested"] == {"a": 1}
    assert set(claims) == {"exp", "groups", "nested", "email"}
    for name in ("getNbfClockSkew", "getValidityLength"):
        assert thrown_by(call, run, jwt, name)[0] == "NoAccessException"


def test_the_keys_are_fetched_once_in_a_run_if_the_code_allows_it():
    run = with_keys(jwks(("k1", KEY)))
    validated(run, signed())
    validated(run, signed())
    assert len(run.ports.sent) == 1

    static(run, "Auth.JWTUtil", "validateJWTWithKeysEndpoint", signed(), KEYS, False)
    assert len(run.ports.sent) == 2


def test_an_expired_token_is_valid_and_the_trace_says_it():
    run = with_keys(jwks(("k1", KEY)))
    validated(run, signed({"exp": 1_000}))

    summary = run.trace.events[-1].summary
    assert "expired at 1970-01-01 00:16:40 UTC" in summary


RSA_ALGORITHMS = ["RS384", "RS512", "PS256"]


def test_rsa_algorithms(subtests):
    for algorithm in RSA_ALGORITHMS:
        with subtests.test(algorithm=algorithm):
            run = with_keys(jwks(("k1", KEY)))
            assert validated(run, signed(alg=algorithm))


def test_elliptic_curves():
    run = with_keys(jwks(("k1", CURVE)))
    assert validated(run, signed(key=CURVE, alg="ES256"))


def tampered():
    header, _, signature = signed().split(".")
    return f"{header}.{part({**CLAIMS, 'sub': 'eve'})}.{signature}"


def with_secret():
    """Return a token whose HMAC has the public key as its secret."""
    pem = KEY.public_key().public_bytes(*PUBLIC)
    secret = jwk.OctKey.import_key(base64.b64encode(pem))
    header = {"alg": "HS256", "kid": "k1"}
    return jws.serialize_compact(header, json.dumps(CLAIMS), secret, ["HS256"])


BAD_TOKENS = [
    (tampered(), "The token's signature isn't valid."),
    (signed(key=OTHER), "The token's signature isn't valid."),
    (signed(kid="k9"), "The JWKS has no key with the ID 'k9' for this token."),
    (f"{part({'alg': 'none'})}.{part(CLAIMS)}.", "The token's algorithm is 'none'"),
    (with_secret(), "The token's algorithm is 'HS256'"),
    ("", "The token doesn't have three parts separated by periods."),
    ("a.b", "The token doesn't have three parts separated by periods."),
    ("a.b.c.d.e", "The token is encrypted; only signed tokens can be read."),
    ("a?.b.c", "The token's header isn't base64url."),
    (f"{part('[]')}.{part('{}')}.x", "The token's header isn't a JSON object."),
    (f"{part('{}')}.{part('1')}.x", "The token's payload isn't a JSON object."),
    (f"{part('[' * 5_000)}.{part('{}')}.x", "The token's header isn't JSON: "),
    ("x" * 200_000, "The token has more than 100,000 characters."),
    (
        f"{part({'alg': 'RS256', 'crit': ['b64']})}.{part('{}')}.x",
        "The token's header has",
    ),
    (f"{part({'alg': 'RS256', 'b64': False})}.{part('{}')}.x", "The token's signature"),
    (f"{part({'alg': ['RS256']})}.{part('{}')}.x", "The token's algorithm is"),
    (f"{part({'alg': 'RS256'})}.{part('{}')}.\u20ac", "The token's signature isn't"),
    (f"{part({'alg': 'RS256'})}.{part('{}')}.\ud800", "The token's signature isn't"),
]


def test_bad_tokens_are_refused(subtests):
    for token, message in BAD_TOKENS:
        with subtests.test(token=token):
            assert refused(with_keys(jwks(("k1", KEY))), token).startswith(message)


HOSTILE_KEY_SETS = [
    (b"<html>", "The keys aren't JSON: "),
    (b"[]", 'The keys are no JWKS: it has no list "keys".'),
    (b'{"keys": 1}', 'The keys are no JWKS: it has no list "keys".'),
    (b'{"keys": []}', "The JWKS has no key with the ID 'k1' for this token."),
    (b'{"keys": [1, null]}', "The JWKS has no key with the ID 'k1' for this token."),
    (
        b'{"keys": [{"kid": "k1", "kty": "RSA"}]}',
        "The JWKS's key can't be used. The key has no 'e'.",
    ),
    (
        b'{"keys": [{"kid": "k1", "kty": "RSA", "e": "AQAB", "n": "AQ"}]}',
        "The JWKS's key can't be used. ",
    ),
    (
        b'{"keys": [{"kid": "k1", "kty": "RSA", "e": "AQAB", "n": "/////%s"}]}'
        % (b"A" * 1_899),
        "The JWKS's key can't be used. The key has more than 8,192 bits.",
    ),
    (
        b'{"keys": [%s]}' % b",".join([b"{}"] * 300),
        "The JWKS has more than 200 keys.",
    ),
]


def test_hostile_key_sets_are_refused(subtests):
    for body, message in HOSTILE_KEY_SETS:
        with subtests.test(body=body):
            run = with_keys(CalloutResponse(200, "OK", body=body))
            assert refused(run, signed()).startswith(message)


def test_a_key_for_encryption_doesnt_sign():
    run = with_keys(jwks(("k1", KEY), use="enc"))
    assert refused(run, signed()) == "The JWKS has no key with the ID 'k1' for this token."


def test_an_endpoint_that_fails_is_a_validation_exception():
    run = with_keys(CalloutResponse(404, "Not Found"))
    assert refused(run, signed()) == "The keys' endpoint answered with 404 Not Found."


def test_a_key_as_text_or_a_certificate_checks_a_token(certificate):
    text = base64.b64encode(KEY.public_key().public_bytes(*PUBLIC)).decode()
    ports = FakePorts(certificates={"idp": CertificateOfOrg("Idp", certificate)})
    run = FakeRun(ports)

    assert static(run, "Auth.JWTUtil", "validateJWTWithKey", signed(), text)
    assert static(run, "Auth.JWTUtil", "validateJWTWithCert", signed(), "IDP")
    assert refused(run, signed(), "validateJWTWithCert", "nope") == (
        "There's no certificate with the unique name 'nope' in Certificate and Key "
        "Management."
    )
    assert refused(run, signed(), "validateJWTWithKey", "????") == "It isn't base64."
    assert refused(run, signed(key=OTHER), "validateJWTWithKey", text)


@pytest.fixture(scope="module")
def certificate():
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(KEY, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def test_a_token_can_be_read_without_a_check():
    run = FakeRun()
    token = f"{part({'alg': 'none'})}.{part(CLAIMS)}."
    jwt = static(run, "Auth.JWTUtil", "parseJWTFromStringWithoutValidation", token)

    assert call(run, jwt, "getSub") == "ada"
    assert "wasn't checked" in run.trace.events[0].summary


def test_a_jwt_of_the_code_has_times_from_now():
    run = FakeRun()
    jwt = new(run, "Auth.JWT")
    call(run, jwt, "setSub", "ada")
    call(run, jwt, "setAud", "org")
    call(run, jwt, "setValidityLength", 60)
    call(run, jwt, "setAdditionalClaims", ApexMap(items={"a": ("a", "b")}))

    assert json.loads(call(run, jwt, "toJSONString")) == {
        "sub": "ada",
        "aud": "org",
        "nbf": 1_796_014_800,
        "iat": 1_796_014_800,
        "exp": 1_796_014_860,
        "a": "b",
    }
    assert call(run, jwt, "getValidityLength") == 60


# --- Results ---------------------------------------------------------------------------


def test_a_result_has_properties_and_getters():
    run = FakeRun()
    attributes = ApexMap()
    user = new(run, "Auth.UserData", *"abcdefghij", attributes)
    result = new(run, "Auth.TokenValidationResult", True, "data", user, "t", None, "error")

    assert isinstance(user, UserData)
    assert (user.identifier, user.site_login_url, user.attribute_map) == (
        "a",
        "j",
        attributes,
    )
    assert call(run, result, "isValid") is True
    assert call(run, result, "getUserData") is user
    assert call(run, result, "getCustomErrorMessage") == "error"
    assert list(result.children()) == ["data", user, "t", "error"]
    assert result.type == ApexType("Auth.TokenValidationResult")
    assert new(run, "Auth.TokenValidationResult", False).is_valid is False
    assert new(run, "Auth.UserData", *[None] * 11, "token", "{}").id_token == "token"
    assert Id("x") == "x"
