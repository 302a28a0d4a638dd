"""The classes of the scenarios refuse forged tokens, and no token breaks the endpoint."""

import base64
import hmac
import json

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.factories import IssuerFactory, OrgFactory, RemoteSiteFactory
from tokenx.oauth.decisions.handlers import NOT_VALID
from tokenx.org.models import AccessToken, LoginRecord
from tokenx.setup.apex_runs.tokens import mint
from tokenx.training.scenarios import catalogue

from .exchanging import exchanging_org

pytestmark = pytest.mark.django_db
CLASSES = catalogue.__file__.replace("catalogue.py", "classes/")
ISSUER = "https://mycompany.okta.com/oauth2/default"
CLAIMS = {"aud": "api://salesforce", "scp": ["salesforce"]}


@pytest.fixture
def okta(org):
    """Return an org that exchanges Okta's access tokens with the scenarios' class."""
    with open(f"{CLASSES}OktaTokenHandler.cls") as file:
        setup = exchanging_org(org, file.read())
    setup.issuer = IssuerFactory(
        org=org,
        iss=ISSUER,
        keys_url=f"{ISSUER}/v1/keys",
        claims=CLAIMS,
        algorithm="RS256",
    )
    RemoteSiteFactory(org=org, url="https://mycompany.okta.com")
    return setup


def good_token(setup):
    claims = CLAIMS | {"sub": setup.user.username}
    return mint(setup.issuer, claims)


def parts_of(token):
    return [
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]
    ]


def written(*parts):
    return ".".join(
        base64.urlsafe_b64encode(
            part if isinstance(part, bytes) else json.dumps(part).encode()
        )
        .decode()
        .rstrip("=")
        for part in parts
    )


def forged(setup):
    """Return forged tokens by the way in which they're forged."""
    token = good_token(setup)
    header, claims = parts_of(token)
    head, body, signature = token.split(".")
    own = RSAKey.generate_key(2048, {"kid": header["kid"]})
    public = json.dumps(setup.issuer.public_key).encode()
    pem = RSAKey.import_key(setup.issuer.public_key).as_pem(private=False)

    def signed(key, **more):
        protected = header | more
        return jws.serialize_compact(protected, json.dumps(claims), key, ["RS256"])

    def hs256(secret):
        text = written(header | {"alg": "HS256"}, claims)
        return f"{text}.{written(hmac.digest(secret, text.encode(), 'sha256'))}"

    other = written(claims | {"sub": "admin@mycompany.example"})
    return {
        "a changed payload": f"{head}.{other}.{signature}",
        "another key": signed(own),
        "no signature": f"{head}.{body}.",
        "alg none": written(header | {"alg": "none"}, claims) + ".",
        "alg None": written(header | {"alg": "None"}, claims) + ".",
        "alg none with a signature": (
            written(header | {"alg": "none"}, claims) + f".{signature}"
        ),
        "HS256 with the public key as PEM": hs256(pem),
        "HS256 with the public key as JSON": hs256(public),
        "HS256 with an empty key": hs256(b""),
        "an embedded key": signed(own, jwk=own.as_dict(private=False)),
        "jku": signed(own, jku="https://mycompany.okta.com/oauth2/default/v1/evil"),
        "x5u": signed(own, x5u="https://evil.example/cert.pem"),
        "a long key ID": signed(own, kid="k" * 4_000),
        "a key ID that's a path": signed(own, kid="../../../../dev/null"),
        "a key ID with SQL": signed(own, kid="' OR 1=1 --"),
        "crit": written(header | {"crit": ["x"], "x": 1}, claims) + f".{signature}",
        "deep JSON": written(header, b"[" * 3_000 + b"]" * 3_000) + f".{signature}",
        "a deep header": written(b'{"a":' * 1_200 + b"1" + b"}" * 1_200, {}) + ".x",
        "a large number": written(header, b'{"exp": ' + b"9" * 5_000 + b"}") + ".x",
        "no JSON": written(b"\xff\xfe", b"\x00") + ".x",
        "a list": written(["RS256"], ["x"]) + ".x",
        "many dots": "." * 10_000,
        "no dots": "x" * 10_000,
        "not base64": "é✓.é✓.é✓",
        "whitespace": " \n\t",
        "the largest token": token + "A" * (10_000 - len(token)),
    }


def test_the_good_token_is_exchanged(okta):
    response = okta.post(subject_token=good_token(okta))
    assert response.status_code == 200, LoginRecord.objects.get().trace


def test_forged_tokens_are_refused(okta, subtests):
    for name, token in forged(okta).items():
        with subtests.test(name):
            assert len(token) <= 10_000
            response = okta.post(subject_token=token)

            assert response.status_code == 400, response.content
            body = response.json()
            assert body["error"] == "invalid_request"
            assert body["error_description"] in {
                "The token could not be validated.",
                NOT_VALID,
            }
            record = LoginRecord.objects.order_by("-pk")[0]
            failed = [row for row in record.trace if row["state"] == "failed"]
            assert [row["name"] for row in failed] == ["validate"]
    assert not AccessToken.objects.exists()


def test_a_token_of_another_orgs_issuer_is_refused(okta):
    other = OrgFactory()
    theirs = IssuerFactory(
        org=other, iss=ISSUER, keys_url=f"{ISSUER}/v1/keys", claims=CLAIMS
    )
    claims = CLAIMS | {"sub": okta.user.username}

    response = okta.post(subject_token=mint(theirs, claims))

    assert response.status_code == 400
    assert response.json()["error_description"] == "The token could not be validated."
