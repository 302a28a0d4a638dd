"""Apps in scenarios: settings about their tokens, consumer keys, and who can use them."""

import pytest

from tests.factories import OrgFactory, UserFactory
from tokenx.org.models import BuiltInProfile, ClientApp
from tokenx.org.models.app_access import access_of
from tokenx.training.scenarios import build
from tokenx.training.scenarios.catalogue import ScenarioError
from tokenx.training.scenarios.reader import read_scenario

APPS = """
label = "Apps"
description = "Apps."

[[permission_sets]]
name = "Token_Exchange"

[app_defaults]
scopes = ["api"]
profiles = ["api_only"]
permission_sets = ["Token_Exchange"]

[[apps]]
kind = "connected"
label = "Plain"

[[apps]]
kind = "external"
label = "Own"
profiles = ["standard"]
scopes = ["openid", "mcp_api"]
requires_secret = false
refresh_token_policy = "specific_lifetime:30:DAYS"
rotates_refresh_tokens = true
introspects_all_tokens = true

[[many_apps]]
count = 3
kind = "connected"
label = "Store {number}"
"""


def filled(by):
    build.fill(by.org, read_scenario(APPS, slug="t", file="t.toml"), owner=by)
    return {app.api_name: app for app in ClientApp.objects.filter(org=by.org)}


def test_an_app_has_its_own_settings_or_the_defaults(admin):
    apps = filled(admin)

    plain, own = apps["Plain"], apps["Own"]
    assert (plain.scopes, own.scopes) == (["api"], ["openid", "mcp_api"])
    assert (plain.requires_secret, own.requires_secret) == (True, False)
    assert (plain.rotates_refresh_tokens, own.rotates_refresh_tokens) == (False, True)
    assert (plain.introspects_all_tokens, own.introspects_all_tokens) == (False, True)
    assert plain.refresh_token_policy_text == "Refresh token is valid until revoked"
    assert own.refresh_token_policy_text == "Expire refresh token after 30 Day(s)"


def test_an_app_has_its_own_users_or_those_of_all_apps(admin):
    apps = filled(admin)

    for name in ["Plain", "Store_001", "Store_003"]:
        access = access_of(apps[name])
        assert [profile.key for profile in access.profiles] == [BuiltInProfile.API_ONLY]
        assert [each.name for each in access.permission_sets] == ["Token_Exchange"]
    access = access_of(apps["Own"])
    assert [profile.key for profile in access.profiles] == [BuiltInProfile.STANDARD_USER]
    assert not access.permission_sets


def test_every_app_of_every_org_gets_its_own_consumer_key(admin):
    other = UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    keys = [app.consumer_key for by in [admin, other] for app in filled(by).values()]

    assert len(set(keys)) == 10
    assert all(len(key) == 85 for key in keys)
    assert not ClientApp.objects.exclude(secret_hash="").exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            ("30:DAYS", "30"),
            "isn't valid: Value 'specific_lifetime:30' is",
        ),
        (("30:DAYS", "0:DAYS"), "isn't valid: Ensure this value is greater"),
        (("specific_lifetime:30:DAYS", "weekly"), "isn't valid: Value 'weekly' is not a"),
        (('"mcp_api"', '"everything"'), "everything"),
        (('["api_only"]', '["unknown"]'), "profiles ('unknown') isn't one of"),
        (('["Token_Exchange"]', '["Other"]'), "permission_sets 'Other' isn't in this"),
    ],
)
def test_refuses_invalid_settings(change, problem):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(APPS.replace(*change, 1), slug="t", file="t.toml")

    assert problem in str(refused.value)
