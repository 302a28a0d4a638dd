"""Keys of simulated issuers that tests reuse, because generating one takes long."""

from collections.abc import Iterator
from functools import cache
from itertools import count

import pytest

from tokenx.org import issuer_keys
from tokenx.org.issuer_keys import PrivateKey
from tokenx.setup.apex_runs import signers

# An org has at most 20 issuers, so all keys of a test are different.
_NUMBER = 40

_generate = issuer_keys.generate_private_key
_numbers = count()


@cache
def _key(algorithm: str, number: int) -> PrivateKey:
    return _generate(algorithm)


def _next_key(algorithm: str) -> PrivateKey:
    return _key(algorithm, next(_numbers) % _NUMBER)


@pytest.fixture(scope="session", autouse=True)
def issuers_reuse_keys() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # No issuer has the keys of forged tokens.
        patch.setattr(signers, "another_key", cache(_generate))
        patch.setattr(issuer_keys, "generate_private_key", _next_key)
        yield
