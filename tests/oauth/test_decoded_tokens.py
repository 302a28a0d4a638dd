"""Tokens as people can read them. Hostile ones are bounded and never fail."""

import base64
import json
from datetime import UTC, datetime

import pytest

from tests.factories import IssuerFactory, OrgFactory, TokenExchangeHandlerFactory
from tokenx.oauth.decoded_tokens import (
    JWE,
    JWT,
    MAX_ROWS,
    MAX_TEXT,
    OPAQUE,
    SAML,
    decode_token,
    expiry_in_words,
)
from tokenx.oauth.shown_token import shown_token
from tokenx.setup.apex_runs.tokens import Mint, TokenKind, mint

GROUPS = '<s:Attribute Name="group"><s:V>a</s:V><s:V>b</s:V></s:Attribute>'
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


def segment(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def jwt(claims, **header):
    header = {"alg": "RS256", "kid": "key-1", **header}
    return f"{segment(header)}.{segment(claims)}.c2ln"


def assertion(conditions="", attributes=""):
    return (
        '<s:Assertion xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion">'
        "<s:Issuer>https://idp.example</s:Issuer><s:NameID>ada</s:NameID>"
        f"<s:Conditions {conditions}/>{attributes}</s:Assertion>"
    )


def test_a_jwt_shows_its_header_and_claims():
    claims = {"iss": "https://idp.example", "aud": ["a"], "exp": SECONDS - 300}

    found = decode_token(jwt(claims), NOW)

    assert (found.kind, found.algorithm, found.key_id) == (JWT, "RS256", "key-1")
    assert dict(found.header) == {"alg": "RS256", "kid": "key-1"}
    assert dict(found.claims) == {
        "iss": "https://idp.example",
        "aud": '["a"]',
        "exp": f"{SECONDS - 300} (5 minutes ago)",
    }
    assert (found.expiry, found.is_current) == ("Expired 5 minutes ago.", False)


@pytest.mark.parametrize(
    ("expires", "starts", "sentence", "is_current"),
    [
        (SECONDS - 300, None, "Expired 5 minutes ago.", False),
        (SECONDS, None, "Expired less than 1 second ago.", False),
        (SECONDS + 3 * 3600, None, "Valid for 3 more hours.", True),
        (SECONDS + 60, SECONDS - 5, "Valid for 1 more minute.", True),
        (SECONDS + 3600, SECONDS + 600, "Not valid yet. It becomes valid in 10 minutes.",
         False),
        (None, None, "It has no expiry time.", None),
        (None, SECONDS + 86_400, "Not valid yet. It becomes valid in 1 day.", False),
        ("tomorrow", None, "Its expiry time isn't a number.", None),
        (True, None, "Its expiry time isn't a number.", None),
        (1e300, None, "Valid for more than 1,000 years.", True),
        (float("inf"), None, "Its expiry time isn't a number.", None),
        (10**400, None, "Its expiry time isn't a number.", None),
    ],
)  # fmt: skip
def test_the_expiry_is_in_words(expires, starts, sentence, is_current):
    assert expiry_in_words(expires, starts, SECONDS) == (sentence, is_current)


def test_a_saml_assertion_shows_its_subject_and_times():
    times = 'NotBefore="2026-11-30T11:00:00Z" NotOnOrAfter="2026-11-30T15:00:00Z"'
    text = assertion(
        times, '<s:Attribute Name="group"><s:V>a</s:V><s:V>b</s:V></s:Attribute>'
    )

    for token in [segment(text.encode()), text]:
        found = decode_token(token, NOW)

        assert (found.kind, found.issuer) == (SAML, "https://idp.example")
        assert found.expiry == "Valid for 3 more hours."
        shown = dict(found.claims)
        assert (shown["NameID"], shown["group"]) == ("ada", "a, b")
        assert found.token_types == ("SAML_2",)


def test_other_tokens_are_opaque():
    for token in ["x", "a.b", "00Dxx!AQ", "é", "a.b.c", "....", f"{segment([1])}.a.b"]:
        assert decode_token(token, NOW).kind == OPAQUE
    encrypted = f"{segment({'alg': 'dir', 'enc': 'A256GCM'})}.a.b.c.d"
    assert decode_token(encrypted, NOW).kind == JWE


def test_hostile_tokens_are_bounded(subtests):
    deep = b'{"a":' * 40_000
    tokens = {
        "deep header": f"{segment(deep)}.x.y",
        "deep claims": f"{segment({'alg': 'none'})}.{segment(deep)}.",
        "deep value": jwt({"a": json.loads("[" * 500 + "]" * 500)}),
        "many claims": jwt({str(number): number for number in range(5_000)}),
        "long claim": jwt({"a": "x" * 60_000}),
        "lone surrogate": jwt({"\ud800": "\udfff\0"}),
        "long number": jwt(b'{"exp":' + b"9" * 9_000 + b"}"),
        "infinite": jwt(b'{"exp": Infinity}'),
        "not text": jwt({}, alg=["none"], kid={"a": 1}),
        "xml bomb": '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>',
        "deep xml": "<a>" * 5_000,
        "other xml": "<html></html>",
        "odd encoding": '<?xml version="1.0" encoding="x-none"?><a/>',
        "bad time": assertion('NotOnOrAfter="soon" NotBefore="9999-12-31T23:59:59-23:59"'),
        "many attributes": assertion("", GROUPS * 900),
        "dots": "." * 50_000,
        "padding": "=" * 50_000,
    }
    for name, token in tokens.items():
        with subtests.test(name):
            found = decode_token(token, NOW)

            pairs = [*found.header, *found.claims]
            assert len(found.claims) <= MAX_ROWS
            assert all(len(text) <= MAX_TEXT + 1 for pair in pairs for text in pair)
            "".join(text for pair in pairs for text in pair).encode()
    assert decode_token(tokens["many claims"], NOW).left_out == 4_900
    assert decode_token(tokens["xml bomb"], NOW).kind == OPAQUE


@pytest.mark.django_db
def test_a_token_names_its_simulated_issuer_and_the_handlers_that_take_it(org):
    issuer = IssuerFactory(org=org, iss="https://idp.example")
    handler = TokenExchangeHandlerFactory(org=org, supports_jwt=True)
    TokenExchangeHandlerFactory(
        org=org, supports_jwt=False, supports_access_token=False, supports_id_token=False,
        supports_saml2=True,
    )  # fmt: skip
    token = mint(issuer, {"sub": "ada"})

    shown = shown_token(org, token)

    assert shown.issuer == issuer
    assert [each for each, _ in shown.handlers] == [handler]
    assert "JWT" in shown.handlers[0][1]
    forged = f"{token[:-8]}AAAAAAAA"
    assert shown_token(org, forged).issuer is None
    assert shown_token(OrgFactory(), token).issuer is None


@pytest.mark.django_db
def test_a_simulated_issuers_opaque_token_shows_its_claims(org):
    issuer = IssuerFactory(org=org)
    token = mint(issuer, {"sub": "ada"}, Mint(kind=TokenKind.OPAQUE))

    shown = shown_token(org, token)

    assert (shown.decoded.kind, shown.issuer) == (OPAQUE, issuer)
    assert dict(shown.decoded.claims)["sub"] == "ada"
    assert shown_token(OrgFactory(), token).decoded.claims == ()
