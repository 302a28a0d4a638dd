"""Examples of token requests in scenarios: built, refused, and restored by Reset."""

import pytest

from tests.factories import ExchangeExampleFactory, OrgFactory
from tokenx.org.models import ExchangeExample
from tokenx.training.practice import actions as practice
from tokenx.training.practice.removal import remove_org
from tokenx.training.scenarios import build
from tokenx.training.scenarios.catalogue import ScenarioError
from tokenx.training.scenarios.reader import read_scenario

TEXT = """
label = "Examples"
description = "Examples."

[[issuers]]
name = "Okta"
issuer = "https://okta.example"

[[apps]]
kind = "external"
label = "Partner Portal"

[[examples]]
name = "Expired"
app = "partner_portal"
issuer = "Okta"
broken = "expired"
claims = {sub = "ada"}
scope = "api"
token_type = "id_token"
error = "invalid_request"

[[examples]]
name = "Valid"
app = "Partner_Portal"
handler = "Okta_Workforce"
issuer = "Okta"
lifetime = 60
user = "ada@mycompany.com"
"""


def test_a_scenario_has_examples(admin):
    scenario = read_scenario(TEXT, slug="t", file="t.toml")

    build.fill(admin.org, scenario, owner=admin)

    expired, valid = ExchangeExample.objects.filter(org=admin.org).order_by("name")
    assert (expired.app_kind, expired.app_api_name) == ("external", "Partner_Portal")
    assert expired.recipe == {
        "issuer": "Okta",
        "token_type": "ID_TOKEN",
        "claims": {"sub": "ada"},
        "broken": "expired",
    }
    assert (expired.token_type, expired.scope) == ("ID_TOKEN", "api")
    assert (expired.expected_error, expired.created_by) == ("invalid_request", admin)
    assert valid.recipe == {"issuer": "Okta", "token_type": "JWT", "lifetime": 60}
    assert valid.token_handler == "Okta_Workforce"
    assert (valid.expected_username, valid.ran_at) == ("ada@mycompany.com", None)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('"Valid"', '"expired"'), "name expired is already used."),
        (('"Partner_Portal"', '"Other"'), "app 'Other' isn't in this scenario"),
        (('issuer = "Okta"\nlife', 'issuer = "None"\nlife'), "issuer 'None' isn't in"),
        (('"expired"', '"melted"'), "has an invalid token: broken: Enter one of"),
        (("lifetime = 60", "lifetime = 0"), "has an invalid token: lifetime: Enter"),
        (('"id_token"', '"cookie"'), "token_type ('cookie') isn't one of access_token"),
        (('user = "ada', 'error = "x"\nuser = "ada'), "can't be used together with error"),
        (('scope = "api"', f'scope = "{"x" * 1001}"'), "scope isn't valid"),
        (('"invalid_request"', f'"{"x" * 41}"'), "error isn't valid"),
    ],
)
def test_refuses_an_invalid_example(change, problem):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(TEXT.replace(*change), slug="t", file="t.toml")

    assert problem in str(refused.value)


def test_reset_and_removal_delete_examples(db, settings):
    settings.SIGNUP = "open"
    owner = practice.start_practice_org(scenario="empty", name="Grace")
    elsewhere = ExchangeExampleFactory(org=OrgFactory())
    ExchangeExampleFactory(org=owner.org, created_by=owner)

    practice.reset_org(org=owner.org, by=owner)

    assert ExchangeExample.objects.get() == elsewhere
    ExchangeExampleFactory(org=owner.org, created_by=owner)
    remove_org(owner.org)
    assert ExchangeExample.objects.get() == elsewhere
