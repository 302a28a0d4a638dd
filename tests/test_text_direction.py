"""Text that people typed has its own direction: right to left in an English page."""

import re

import pytest

from tests.addresses import CLOSED, Rows, rows_of
from tests.read import Element, read
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import AccessToken, ClientApp, Org, User
from tokenx.training.models import Classroom, Participant

NAME = "שם"
# Elements without markup inside, and code.
NO_DIRECTION = {"title", "option", "code"}
ISOLATED = re.compile("\u2068.*?\u2069")
# Stored sentences, which begin with English words.
SENTENCES = {"setup:audit-trail"}
HIDDEN = "slds-assistive-text"


@pytest.fixture
def hebrew(org, admin) -> Rows:
    """Rows of an org in which all names and descriptions are in Hebrew."""
    rows = rows_of(org, NAME)
    User.objects.filter(org=org).update(first_name=NAME, last_name=NAME, name_key=NAME)
    ClientApp.objects.filter(org=org).update(label=NAME, description=NAME)
    TokenExchangeHandler.objects.filter(org=org).update(description=NAME)
    AccessToken.objects.filter(org=org).update(name=NAME)
    Org.objects.filter(pk=org.pk).update(name=NAME)
    Classroom.objects.filter(pk=rows.classroom_id).update(name=NAME)
    Participant.objects.filter(pk=rows.participant_id).update(name=NAME, note=NAME)
    return rows


def without_direction(element: Element, has_direction: bool = False) -> list[str]:
    """Return the typed texts, and the fields with one, that have no direction."""
    attributes = element.attributes
    has_direction = (
        has_direction or "dir" in attributes or element.tag in {"bdi", *NO_DIRECTION}
    )
    has_direction = has_direction or HIDDEN in attributes.get("class", "")
    kind = attributes.get("type")
    is_visible_field = element.tag == "input" and kind not in {"hidden", "checkbox"}
    found = []
    if is_visible_field and NAME in attributes.get("value", "") and not has_direction:
        found.append(f"input {attributes.get('name')}")
    for child in element.children:
        if isinstance(child, Element):
            found += without_direction(child, has_direction)
        elif NAME in ISOLATED.sub("", child) and not has_direction:
            found.append(f"{element.tag}: {child.strip()}")
    return found


def test_everything_that_people_typed_has_its_own_direction(clients, hebrew, subtests):
    seen = 0
    for client_name, client in clients.items():
        for name in set(CLOSED) - SENTENCES:
            with subtests.test(name, client=client_name):
                response = client.get(hebrew.address(name))
                if "text/html" not in response.get("Content-Type", ""):
                    continue
                if response.status_code != 200 or response.streaming:
                    continue
                assert without_direction(read(response)) == []
                seen += NAME in response.content.decode()
    assert seen > 60
