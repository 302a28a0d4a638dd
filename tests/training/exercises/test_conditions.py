"""Conditions: their checks of an org, and their findings."""

from itertools import product

import pytest

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tokenx.handlers.actions import delete_handler, remove_app
from tokenx.handlers.models import Enablement
from tokenx.org import audit
from tokenx.org.apex import TEMPLATE
from tokenx.training.exercises.conditions import KINDS, OrgState
from tokenx.training.models import ExerciseRun


@pytest.fixture
def look(org, admin):
    run = ExerciseRun.objects.create(org=org, exercise="any")

    def look_for(kind, **values):
        return KINDS[kind](**values).look(OrgState(org, run))

    return look_for


@pytest.fixture
def shop(org, handler):
    """Enable the connected app Shop for My Handler with an integration user."""
    app = ClientAppFactory(org=org, label="Shop")
    run_as = IntegrationUserFactory(org=org, username="inga@mycompany.example")
    return EnablementFactory(handler=handler, app=app, run_as=run_as, is_default=True)


APP = {"app": "shop", "type": "connected"}
ENABLED = {"handler": "my_handler", **APP}


def test_a_handler_is_checked_value_by_value(look, handler, subtests):
    for values, is_met in [
        ({}, True),
        ({"label": "My Handler"}, True),
        ({"label": "Mine"}, False),
        ({"enabled": True}, True),
        ({"enabled": False}, False),
        ({"token_types": ("jwt",)}, True),
        ({"token_types": ("jwt", "saml2")}, False),
        ({"token_types": ()}, False),
        ({"description": "Checks tokens of an outside identity provider."}, True),
        ({"description": "checks"}, False),
        ({"apex_class": "none_such"}, False),
        ({"user_creation": False}, True),
        ({"user_creation": True}, False),
        ({"class_ready": True}, True),
        ({"class_ready": False}, False),
    ]:
        with subtests.test(values=values):
            assert look("handler", handler="MY_HANDLER", **values).is_met is is_met


def test_a_handlers_class_is_not_case_sensitive(look, handler):
    name = handler.apex_class.name.upper()

    assert look("handler", handler="My_Handler", apex_class=name).is_met


def test_the_finding_names_only_the_differences(look, handler):
    finding = look("handler", handler="My_Handler", enabled=False, token_types=("jwt",))

    assert finding.expected == "Status: Disabled; Supported Token Types: JWT"
    assert finding.actual == "Status: Enabled"
    assert finding.page.url == "/handlers/My_Handler/"


def test_a_missing_handler_leads_to_the_list(look, db):
    finding = look("handler", handler="My_Handler")

    assert not finding.is_met
    assert finding.page.url == "/handlers/"
    assert look("no-handler", handler="My_Handler").is_met


def test_a_handler_of_another_org_does_not_count(look):
    TokenExchangeHandlerFactory(org=OrgFactory(), label="Theirs")

    assert not look("handler", handler="Theirs").is_met


def test_an_enabled_app_is_checked_value_by_value(look, shop, subtests):
    for values, is_met in [
        ({}, True),
        ({"run_as": "INGA@mycompany.example"}, True),
        ({"run_as": "other@mycompany.example"}, False),
        ({"run_as_is": "integration user"}, True),
        ({"run_as_is": "person"}, False),
        ({"run_as_active": True}, True),
        ({"run_as_active": False}, False),
        ({"default": True}, True),
        ({"default": False}, False),
        ({"since_start": True}, True),
        ({"type": "external"}, False),
        ({"handler": "Another"}, False),
        ({"app": "Shop_2"}, False),
    ]:
        with subtests.test(values=values):
            assert look("app-enabled", **ENABLED | values).is_met is is_met


def test_an_app_that_is_not_enabled(look, shop):
    assert not look("app-not-enabled", **ENABLED).is_met
    assert look("app-not-enabled", **ENABLED | {"app": "Other"}).is_met


def test_the_default_handler_of_an_app(look, shop, subtests):
    for values, is_met in [
        ({"handler": "MY_HANDLER"}, True),
        ({"handler": "Another"}, False),
        ({"is_not": "Another"}, True),
        ({"is_not": "my_handler"}, False),
        ({}, False),
    ]:
        with subtests.test(values=values):
            assert look("default-handler", **APP, **values).is_met is is_met


def test_an_app_without_a_default_handler(look, handler, org):
    EnablementFactory(handler=handler, app=ClientAppFactory(org=org, label="Shop"))

    assert look("default-handler", **APP).is_met
    assert not look("default-handler", **APP, is_not="Another").is_met


def test_enabled_apps_are_counted(look, shop, subtests):
    for values, is_met in [
        ({"number": 1}, True),
        ({"number": 2}, False),
        ({"at_least": 1}, True),
        ({"at_least": 2}, False),
        ({"at_most": 1}, True),
        ({"at_most": 0}, False),
        ({"at_least": 1, "at_most": 3}, True),
    ]:
        with subtests.test(values=values):
            assert look("enabled-apps", handler="My_Handler", **values).is_met is is_met


def test_a_run_as_user_is_reported_with_apps(look, shop):
    finding = look("runs-nothing", user="inga@mycompany.example")

    assert not finding.is_met
    assert finding.actual == "Shop for My Handler"
    assert look("runs-nothing", user="nobody@mycompany.example").is_met


def test_an_app_is_checked_for_both_settings(look, org, subtests):
    app = ClientAppFactory(org=org, label="Shop")
    for settings, policies in product([True, False], [True, False]):
        with subtests.test(settings=settings, policies=policies):
            app.allows_token_exchange = settings
            app.policy_allows_token_exchange = policies
            app.save()

            assert look("app", **APP).is_met
            assert look("app", **APP, settings=True).is_met is settings
            assert look("app", **APP, policies=True).is_met is policies
            assert look("app", **APP, settings=True, policies=True).is_met is (
                settings and policies
            )


def test_an_app_is_checked_for_its_permitted_users(look, org):
    ClientAppFactory(org=org, label="Shop", permitted_users="AllSelfAuthorized")

    finding = look("app", **APP, permitted_users="admin_approved")

    assert not finding.is_met
    assert finding.actual == "All users may self-authorize"
    assert look("app", **APP, permitted_users="self_authorized").is_met


def test_a_user_is_checked_value_by_value(look, org, subtests):
    UserFactory(org=org, username="pat@mycompany.example")

    for values, is_met in [
        ({}, True),
        ({"active": True}, True),
        ({"active": False}, False),
        ({"profile": "standard"}, True),
        ({"profile": "admin"}, False),
        ({"integration_user": False}, True),
        ({"integration_user": True}, False),
    ]:
        with subtests.test(values=values):
            assert look("user", user="Pat@mycompany.example", **values).is_met is is_met


def test_an_apex_class_is_checked_for_readiness(look, org):
    ApexClassFactory(org=org, name="Ready")
    ApexClassFactory(org=org, name="Made", body=TEMPLATE.format(name="Made"))

    assert look("apex-class", apex_class="READY").is_met
    assert "template" in look("apex-class", apex_class="Made").actual
    assert not look("apex-class", apex_class="Missing").is_met


def test_the_audit_trail_since_the_start(look, org, admin):
    audit.record(by=admin, action="createdThing", section="Things", display="Created Shop")

    assert look("audited", action="created*").is_met
    assert look("audited", action="createdthing", contains="shop", through="setup").is_met
    assert not look("audited", action="created*", contains="Other").is_met
    assert not look("audited", action="deleted*").is_met
    assert not look("audited", action="created*", through="metadata").is_met


def test_audit_entries_before_the_start_do_not_count(org, admin):
    audit.record(by=admin, action="createdThing", section="Things", display="Created")
    run = ExerciseRun.objects.create(org=org, exercise="any")

    assert not KINDS["audited"](action="created*").look(OrgState(org, run)).is_met


def test_a_guard_of_a_long_list_reports_only_that_it_changed(org, admin, shop, monkeypatch):
    monkeypatch.setattr("tokenx.training.exercises.conditions.org.MAX_LISTED", 0)
    guard = KINDS["nothing-else-changed"]()
    baseline = {guard.key: guard.note_baseline(org)}
    run = ExerciseRun.objects.create(org=org, exercise="any", baseline=baseline)
    assert guard.look(OrgState(org, run)).is_met

    remove_app(enablement=shop, by=admin)

    assert not guard.look(OrgState(org, run)).is_met


def test_a_guard_rereads_a_long_list_only_after_a_change(
    org, admin, shop, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("tokenx.training.exercises.conditions.org.MAX_LISTED", 0)
    guard = KINDS["nothing-else-changed"]()
    baseline = {guard.key: guard.note_baseline(org)}
    run = ExerciseRun.objects.create(org=org, exercise="any", baseline=baseline)
    guard.look(OrgState(org, run))

    with django_assert_num_queries(1):
        assert guard.look(OrgState(org, run)).is_met

    audit.record(by=admin, action="createdThing", section="Things", display="Created")
    with django_assert_num_queries(2):
        assert guard.look(OrgState(org, run)).is_met


def test_a_guard_names_the_changes(org, handler, admin):
    guard = KINDS["nothing-else-changed"]()
    apps = [ClientAppFactory(org=org, label=f"App {n}") for n in range(3)]
    rows = [EnablementFactory(handler=handler, app=app, run_as=admin) for app in apps]
    baseline = {guard.key: guard.note_baseline(org)}
    run = ExerciseRun.objects.create(org=org, exercise="any", baseline=baseline)

    remove_app(enablement=rows[1], by=admin)

    finding = guard.look(OrgState(org, run))
    before = f"previously run as {admin.username}, not the default"
    assert finding.actual == f"Changed: App_1 for My_Handler ({before})"
    assert finding.page.url == "/handlers/My_Handler/"


def test_a_guard_names_previous_values(org, handler, admin):
    guard = KINDS["nothing-else-changed"]()
    [first, second] = [ClientAppFactory(org=org, label=label) for label in ["A", "B"]]
    row = EnablementFactory(handler=handler, app=first, run_as=admin, is_default=True)
    baseline = {guard.key: guard.note_baseline(org)}
    run = ExerciseRun.objects.create(org=org, exercise="any", baseline=baseline)

    Enablement.objects.filter(pk=row.pk).update(is_default=False)
    EnablementFactory(handler=handler, app=second, run_as=admin)

    actual = guard.look(OrgState(org, run)).actual
    assert f"A for My_Handler (previously run as {admin.username}, default)" in actual
    assert "B for My_Handler (previously not enabled)" in actual


def test_a_guard_of_a_deleted_handler_leads_to_the_audit_trail(org, handler, admin):
    guard = KINDS["nothing-else-changed"]()
    EnablementFactory(handler=handler, run_as=admin)
    baseline = {guard.key: guard.note_baseline(org)}
    run = ExerciseRun.objects.create(org=org, exercise="any", baseline=baseline)

    delete_handler(handler=handler, by=admin)

    finding = guard.look(OrgState(org, run))
    assert not finding.is_met
    assert finding.page.label == "Setup Audit Trail"


def test_conditions_refuse_invalid_values(subtests):
    for kind, values, message in [
        (
            "handler",
            {"handler": "H", "token_types": ("jwd",)},
            "jwd isn't a valid token type",
        ),
        ("enabled-apps", {"handler": "H"}, "Set number, at_least"),
        ("answer", {"question": "?"}, "exactly one of accepts"),
        ("answer", {"question": "?", "number_of": "enabled apps"}, "Set handler to"),
        ("answer", {"question": "?", "accepts": ("1",), "class_of": "H"}, "exactly one of"),
    ]:
        matches = pytest.raises(ValueError, match=message)
        with subtests.test(kind=kind, values=values), matches:
            KINDS[kind](**values)
