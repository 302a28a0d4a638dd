"""The Health panel: the org's issues, with links to fix them."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    OAuthApprovalFactory,
    OrgFactory,
    RemoteSiteFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.read import links, read
from tokenx.org.apex import TEMPLATE
from tokenx.org.models import ApexClass, AppProfile, PermittedUsers

URL = "/health/"


def enable(**values):
    """Enable an app that the Run As user's profile may use."""
    row = EnablementFactory(**values)
    AppProfile.objects.get_or_create(org=row.org, app=row.app, profile=row.run_as.profile)
    return row


@pytest.fixture(autouse=True)
def remote_site(org):
    """Allow the address that the classes of factories call."""
    return RemoteSiteFactory(org=org, url="https://login.mycompany.example")


def findings(response):
    return [item.text for item in read(response).one("article", id="health").all("li")]


@pytest.fixture
def enabled(handler):
    """Enable an app without issues."""
    return enable(handler=handler, is_default=True)


def test_reports_no_issues_in_a_healthy_org(admin_client, enabled):
    response = admin_client.get(URL)

    assert findings(response) == []
    assertContains(response, "No issues found")


@pytest.mark.parametrize(
    ("switch", "area", "view"),
    [
        ("allows_token_exchange", "settings", "setup:edit-app"),
        ("policy_allows_token_exchange", "policies", "setup:edit-app-policies"),
    ],
)
def test_finds_enabled_apps_that_are_turned_off(admin_client, enabled, switch, area, view):
    setattr(enabled.app, switch, False)
    enabled.app.save()

    response = admin_client.get(URL)

    [finding] = findings(response)
    label = enabled.app.label
    assert finding.startswith(f"{label} has token exchange turned off in its {area}.")
    repair = reverse(view, args=[enabled.app.kind, enabled.app.api_name])
    assert links(response)[f"Edit {area}"] == repair


def test_an_unused_app_can_be_turned_off(admin_client, enabled):
    ClientAppFactory(org=enabled.org, allows_token_exchange=False)

    assert findings(admin_client.get(URL)) == []


def test_finds_inactive_run_as_users(admin_client, enabled):
    enabled.run_as.is_active = False
    enabled.run_as.save()

    response = admin_client.get(URL)

    assertContains(response, f"{enabled.run_as.name} is inactive.")
    repair = reverse("setup:user", args=[enabled.run_as.pk])
    assert links(response)[enabled.run_as.name] == repair


def test_finds_personal_accounts_used_as_run_as_users(admin_client, enabled):
    enabled.run_as.is_integration_user = False
    enabled.run_as.save()

    [finding] = findings(admin_client.get(URL))

    assert (
        f"{enabled.run_as.name} is a personal account and is the Run As User for 1 "
        in finding
    )


def test_finds_apps_without_a_default(admin_client, enabled):
    other = TokenExchangeHandlerFactory(org=enabled.org)
    enable(handler=other, app=enabled.app, run_as=enabled.run_as)
    assert findings(admin_client.get(URL)) == []
    enabled.is_default = False
    enabled.save()

    response = admin_client.get(URL)

    assert findings(response) == [
        f"{enabled.app.label} has no default handler. Token requests that don't specify a "
        f"handler fail. View handlers"
    ]
    page = reverse("setup:app", args=[enabled.app.kind, enabled.app.api_name])
    assert links(response)["View handlers"] == page


def test_the_only_handler_of_an_app_can_become_its_default(admin_client, handler, enabled):
    enabled.is_default = False
    enabled.save()

    response = admin_client.get(URL)

    [finding] = findings(response)
    assert finding.startswith(f"{enabled.app.label} has no default handler.")
    url = reverse("handlers:edit-enablement", args=["My_Handler", enabled.pk])
    assert links(response)["Make My Handler the default"] == url


def test_finds_unedited_templates_of_enabled_handlers(admin_client, handler, enabled):
    apex_class = handler.apex_class
    apex_class.body = TEMPLATE.format(name=apex_class.name)
    apex_class.save()

    [finding] = findings(admin_client.get(URL))
    assert finding.startswith(f"{apex_class.name} is an unedited template, which rejects")

    enabled.delete()
    handler.is_enabled = False
    handler.count_apps()
    handler.save()
    assert findings(admin_client.get(URL)) == []


def test_finds_disabled_default_handlers(admin_client, handler, enabled):
    handler.is_enabled = False
    handler.save()

    response = admin_client.get(URL)

    assertContains(
        response, f"{handler.label} is disabled but is still the default handler for 1 app."
    )
    assert reverse("handlers:detail", args=["My_Handler"]) in links(response).values()


def test_finds_apex_classes_that_cannot_validate_tokens(admin_client, handler, enabled):
    bare = {"body": "public class Bare {}", "is_handler_class": False}
    ApexClass.objects.filter(pk=handler.apex_class_id).update(name="Bare", **bare)

    response = admin_client.get(URL)

    [finding] = findings(response)
    assert finding.startswith("Bare doesn't extend Auth.Oauth2TokenExchangeHandler, direc")
    repair = reverse("setup:apex-class", args=["Bare"])
    assert links(response)["Edit the class"] == repair


def problem_at(line, message):
    return {"line": line, "column": 8, "message": message, "severity": "error"}


def test_finds_apex_classes_with_compile_errors(admin_client, handler, enabled):
    problems = [problem_at(12, "Missing ';' at 'return'"), problem_at(20, "Second")]
    values = {"compile_status": "invalid", "compile_problems": problems}
    ApexClass.objects.filter(pk=handler.apex_class_id).update(name="Used", **values)
    ApexClassFactory(
        org=handler.org, name="Unused", **values | {"compile_problems": problems[:1]}
    )

    response = admin_client.get(URL)

    first = "at line 12 column 8: Missing ';' at 'return'."
    assert findings(response) == [
        f"Unused has a compile error {first} Edit the class",
        f"Used has 2 compile errors. The first is {first} Edit the class",
    ]
    assert "/apex-classes/Used/" in links(response).values()


def test_compiles_nothing(admin_client, handler, enabled):
    values = {"compile_status": "not_compiled", "compiled_hash": ""}
    ApexClass.objects.update(**values)
    ApexClassFactory(org=OrgFactory(), **values)

    response = admin_client.get(URL)

    assert findings(response) == ["1 Apex class isn't compiled yet. View Apex classes"]
    assert links(response)["View Apex classes"] == "/apex-classes/"
    assert not ApexClass.objects.exclude(compile_status="not_compiled").exists()


def test_says_that_there_are_more_issues_of_a_kind(admin_client, handler):
    for _ in range(11):
        run_as = UserFactory(org=handler.org)
        enable(handler=handler, run_as=run_as, is_default=True)

    issues = findings(admin_client.get(URL))

    assert len(issues) == 11
    assert issues[-1] == "More issues of this kind aren't shown."


def test_shows_no_issues_of_another_org(admin_client, enabled):
    theirs = enable(handler__org=OrgFactory())
    theirs.app.allows_token_exchange = False
    theirs.app.save()

    assert findings(admin_client.get(URL)) == []


def test_setup_home_fetches_the_panel(admin_client, htmx_client, enabled):
    panel = read(admin_client.get("/")).one("article", id="health")

    assert panel.attributes["hx-get"] == URL
    assert panel.attributes["hx-trigger"] == "load"
    assertNotContains(htmx_client.get(URL), "<h1")


def test_takes_few_queries_at_any_size(
    admin_client, handler, django_assert_max_num_queries, subtests
):
    for more in [1, 29]:
        for _ in range(more):
            enablement = enable(
                handler=handler, is_default=True, run_as=UserFactory(org=handler.org)
            )
            enablement.app.allows_token_exchange = False
            enablement.app.save()

        with subtests.test(more=more), django_assert_max_num_queries(14):
            admin_client.get(URL)


def test_finds_apps_that_no_user_can_use(admin_client, enabled):
    app = enabled.app
    AppProfile.objects.all().delete()
    assert findings(admin_client.get(URL)) == [
        f"{app.label} is for admin approved users but has no profiles or permission "
        "sets. Edit policies"
    ]

    app.permitted_users = PermittedUsers.SELF_AUTHORIZED
    app.save()
    [finding] = findings(admin_client.get(URL))
    assert finding.startswith(f"{app.label} lets users authorize it themselves")

    OAuthApprovalFactory(app=app)
    assert findings(admin_client.get(URL)) == []


def test_finds_addresses_without_a_remote_site(admin_client, enabled, remote_site):
    remote_site.is_active = False
    remote_site.save()

    [finding] = findings(admin_client.get(URL))

    apex_class = enabled.handler.apex_class
    assert finding.startswith(f"{apex_class.name} calls https://login.mycompany.example")
    repair = reverse("setup:remote-site-list")
    assert links(admin_client.get(URL))["Remote Site Settings"] == repair
