"""simple-salesforce, connected to a live server."""

import pytest
from simple_salesforce import Salesforce, SalesforceLogin

from tests.metadata.deploy.deploying import ready_for_handlers
from tokenx.org.models import Org, User

PASSWORD = "correct horse battery"
VERSION = "62.0"


@pytest.fixture
def org(transactional_db: None, org: Org) -> Org:
    """Prepare the org for handlers, and commit it so that the server can see it."""
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
        # Only scratch_url allows a login without HTTPS
        # (docs/salesforce/metadata-api.md, simple-salesforce).
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


def without_https(salesforce: Salesforce) -> Salesforce:
    """Replace the https:// that simple-salesforce writes into its URLs."""
    for name in ("base_url", "tooling_url", "metadata_url"):
        setattr(salesforce, name, getattr(salesforce, name).replace("https://", "http://"))
    return salesforce


def records_of(salesforce: Salesforce, name: str):
    """Return the calls for an object's records, without HTTPS."""
    records = getattr(salesforce, name)
    records.base_url = records.base_url.replace("https://", "http://")
    return records
