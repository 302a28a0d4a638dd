"""A library that speaks for itself, on a server that is really asked."""

import pytest
from simple_salesforce import Salesforce, SalesforceLogin

from tests.metadata.deploy.deploying import ready_for_handlers
from tokenx.org.models import Org, User

PASSWORD = "correct horse battery"
VERSION = "62.0"


@pytest.fixture
def org(transactional_db: None, org: Org) -> Org:
    """One that handlers can be deployed to, and that the server sees, too."""
    ready_for_handlers(org, "Billing", "Portal")
    return org


@pytest.fixture
def admin(admin: User) -> User:
    return with_password(admin)


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.can_sign_in = True
    user.save()
    return user


@pytest.fixture
def log_in(live_server):
    def log_in(username: str, password: str = PASSWORD) -> Salesforce:
        # No other argument lets it log in without https (facts/metadata-api.md 9.4).
        session_id, host = SalesforceLogin(
            username=username,
            password=password,
            security_token="",
            scratch_url=live_server.url,
            sf_version=VERSION,
        )
        assert live_server.url == f"http://{host}"
        return without_https(
            Salesforce(session_id=session_id, instance=host, version=VERSION)
        )

    return log_in


@pytest.fixture
def salesforce(log_in, admin) -> Salesforce:
    return log_in(admin.username)


def without_https(made: Salesforce) -> Salesforce:
    """It writes https:// into every address that it makes, and lets them be changed."""
    for name in ("base_url", "tooling_url", "metadata_url"):
        setattr(made, name, getattr(made, name).replace("https://", "http://"))
    return made


def records_of(salesforce: Salesforce, name: str):
    """The calls for an object's records."""
    found = getattr(salesforce, name)
    found.base_url = found.base_url.replace("https://", "http://")
    return found
