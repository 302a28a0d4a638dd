"""API clients and sessions of an administrator, a viewer, and other users."""

import pytest

from tests.factories import OrgFactory, UserFactory
from tests.metadata.deploy.deploying import ready_for_handlers
from tokenx.org.models import BuiltInProfile

from .calling import Rest, Soap, session_id


@pytest.fixture
def session(admin):
    return session_id(admin)


@pytest.fixture
def soap(session):
    return Soap(session)


@pytest.fixture
def rest(session):
    return Rest(session)


@pytest.fixture
def viewer_session(viewer):
    return session_id(viewer)


@pytest.fixture
def standard_session(org):
    return session_id(UserFactory(org=org, profile=BuiltInProfile.STANDARD_USER))


@pytest.fixture
def their_admin(db):
    """Create an administrator of another org."""
    return UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)


@pytest.fixture
def their_session(their_admin):
    return session_id(their_admin)


@pytest.fixture
def apps(org):
    """Create two apps, and the Apex class and the user that handlers need."""
    return ready_for_handlers(org, "Billing", "Shop")
