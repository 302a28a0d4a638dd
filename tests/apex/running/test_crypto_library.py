"""Tests signatures of Crypto, and tokens that the org signs."""

import base64
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tokenx.apex.library.tokens import read_token
from tokenx.apex.runtime.errors import LimitExceededError
from tokenx.apex.runtime.ports import CertificateOfOrg

from .library_calls import FakePorts, FakeRun, call, new, static, thrown_by

KEY = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def private(key):
    return key.private_bytes(DER, *PKCS8)


def public(key):
    return key.public_key().public_bytes(DER, SPKI)


def forever(run, name, *arguments):
    """Call a function of Crypto until the run ends."""
    while True:
        run.heap_size = 0
        static(run, "Crypto", name, *arguments)


ALGORITHMS = [
    ("RSA", KEY),
    ("RSA-SHA1", KEY),
    ("rsa-sha256", KEY),
    ("RSA-SHA384", KEY),
    ("RSA-SHA512", KEY),
    ("ECDSA-SHA256", CURVE),
    ("ECDSA-SHA384", CURVE),
    ("ECDSA-SHA512", CURVE),
]


def test_a_signature_can_be_verified(subtests):
    for algorithm, key in ALGORITHMS:
        with subtests.test(algorithm=algorithm, key=key):
            run = FakeRun()
            signature = static(run, "Crypto", "sign", algorithm, b"text", private(key))
            content = [b"text", signature, public(key)]

            assert static(run, "Crypto", "verify", algorithm, *content) is True
            assert (
                static(run, "Crypto", "verify", algorithm, b"other", *content[1:]) is False
            )
            assert (
                static(run, "Crypto", "verify", algorithm, b"text", b"", public(key))
                is False
            )


INVALID_KEYS = [
    b"",
    b"text",
    KEY.private_bytes(PEM, *PKCS8),
    KEY.private_bytes(
        DER,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ),
    private(KEY)[:-5],
    private(CURVE),
    private(rsa.generate_private_key(65537, 2048)) * 9,
]


def test_a_key_that_isnt_pkcs8_is_invalid(subtests):
    for key in INVALID_KEYS:
        with subtests.test(key=key):
            run = FakeRun()
            invalid = ("SecurityException", "Invalid Crypto Key")

            assert (
                thrown_by(static, run, "Crypto", "sign", "RSA-SHA256", b"x", key) == invalid
            )
            if not key.startswith(b"0"):
                arguments = "RSA-SHA256", b"x", b"x", key
                assert thrown_by(static, run, "Crypto", "verify", *arguments) == invalid


def test_a_public_key_with_a_large_exponent_is_invalid():
    numbers = rsa.RSAPublicNumbers(2**2_000 + 1, KEY.public_key().public_numbers().n)
    key = numbers.public_key().public_bytes(DER, SPKI)
    found = thrown_by(static, FakeRun(), "Crypto", "verify", "RSA-SHA256", b"x", b"x", key)

    assert found == ("SecurityException", "Invalid Crypto Key")


def test_signing_ends_at_the_limit_of_steps():
    run = FakeRun()
    started = time.process_time()
    with pytest.raises(LimitExceededError, match="CPU"):
        forever(run, "sign", "RSA-SHA256", b"x", private(KEY))

    assert time.process_time() - started < 2


def test_different_keys_are_each_charged():
    run = FakeRun()
    static(run, "Crypto", "sign", "RSA-SHA256", b"x", private(KEY))
    assert run.budget.steps > 12_000


@pytest.mark.slow
def test_digests_end_at_the_limit_of_steps():
    run = FakeRun()
    started = time.process_time()
    with pytest.raises(LimitExceededError, match="CPU"):
        forever(run, "generateDigest", "SHA3-512", b"x" * 5_000_000)

    assert time.process_time() - started < 4


def test_the_org_signs_with_a_certificate():
    certificate = CertificateOfOrg("Idp", b"", KEY.private_bytes(PEM, *PKCS8))
    run = FakeRun(FakePorts(certificates={"idp": certificate}))
    signature = static(run, "Crypto", "signWithCertificate", "RSA-SHA256", b"text", "Idp")

    assert static(run, "Crypto", "verify", "RSA-SHA256", b"text", signature, public(KEY))
    assert thrown_by(
        static, run, "Crypto", "signWithCertificate", "RSA-SHA256", b"text", "Nope"
    ) == ("InvalidParameterValueException", "Could not find certificate: Nope")

    jws = new(run, "Auth.JWS", '{"sub":"ada"}', "Idp")
    compact = call(run, jws, "getCompactSerialization")
    token = read_token(run, compact)
    assert (token.algorithm, token.claims) == ("RS256", {"sub": "ada"})
    key = base64.b64encode(public(KEY)).decode()
    assert static(run, "Auth.JWTUtil", "validateJWTWithKey", compact, key)
