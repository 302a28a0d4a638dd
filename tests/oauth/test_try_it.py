"""Try It: the form, the exchange, the trace, and who can use it."""

import pytest
from pytest_django.asserts import assertContains

from tests.oauth.exchanging import exchanging_org
from tokenx.org.models import AccessToken, LoginRecord

URL = "/try-it/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def setup(org):
    return exchanging_org(org)


def entries(response):
    """Return what the form would submit."""
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value not in (None, False)
    }


def press(client, setup, query="", **changes):
    data = entries(client.get(URL + query))
    data |= {"do": "exchange", "token_source": "own"}
    data |= {"incoming_token": setup.user.username}
    return client.post(URL, data | changes)


def test_the_first_press_exchanges_the_token(admin_client, setup):
    response = press(admin_client, setup)

    assert response.status_code == 200
    outcome = response.context["outcome"]
    assert outcome.decided.is_success, outcome.decided.refusal
    assertContains(response, "got a token")
    assert AccessToken.objects.count() == LoginRecord.objects.count() == 1
