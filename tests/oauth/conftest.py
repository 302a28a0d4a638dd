"""Fixtures of tests of the OAuth endpoints."""

import pytest

from tokenx.oauth.signing_keys import forget_signing_key


@pytest.fixture(autouse=True)
def _no_remembered_key():
    """Forget the signing key of the test before, which was rolled back."""
    forget_signing_key()
    yield
    forget_signing_key()
