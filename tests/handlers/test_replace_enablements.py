"""Replace all enabled apps of handlers, as a metadata file lists them."""

import pytest
from django.db import connection

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
)
from tests.many import make_apps
from tests.rollback import rolled_back
from tokenx.handlers import enablement_sets
from tokenx.handlers.actions.replace_enablements import (
    EnablementRefusedError,
    replace_enablements,
)
from tokenx.handlers.enablement_sets import WantedEnablement
from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry

from .conftest import assert_counters_equal_the_rows

USER = "integration@mycompany.example"


@pytest.fixture
def run_as(org):
    return IntegrationUserFactory(org=org, username=USER)


@pytest.fixture
def apps(org, run_as):
    return [
        ClientAppFactory(org=org, label=f"App {letter}", api_name=f"App_{letter}")
        for letter in "ABCDE"
    ]


@pytest.fixture
def other(org):
    return TokenExchangeHandlerFactory(org=org, label="Other Handler")


def wanted(letter, username=USER, is_default=False, kind="connected"):
    return WantedEnablement(kind, f"App_{letter}", username, is_default)


def enabled(handler):
    rows = Enablement.objects.of(handler).by_app().select_related("app")
    return [(row.app.label[-1], row.is_default) for row in rows]


def codes(refused):
    refusals = refused.value.refusals
    return [(refusal.number, refusal.field, refusal.code) for refusal in refusals]


def test_adds_changes_and_removes_to_match_the_wanted_apps(admin, handler, apps):
    EnablementFactory(handler=handler, app=apps[0])
    existing = EnablementFactory(handler=handler, app=apps[1])

    results = replace_enablements(
        wanted={handler: [wanted("B", is_default=True), wanted("C")]}, by=admin
    )

    replaced = results[handler]
    assert (replaced.added, replaced.changed, replaced.removed) == (1, 1, 1)
    assert enabled(handler) == [("B", True), ("C", False)]
    now = Enablement.objects.get(pk=existing.pk)
    assert (now.enabled_at, now.run_as.username) == (existing.enabled_at, USER)
    handler.refresh_from_db()
    assert (handler.connected_count, handler.modified_by) == (2, admin)


def test_leaves_one_entry_for_each_changed_handler(admin, handler, other, apps):
    replace_enablements(
        wanted={handler: [wanted(letter) for letter in "ABCDE"], other: []}, by=admin
    )

    [entry] = AuditEntry.objects.all()
    assert entry.display == (
        "Replaced the apps of token exchange handler My Handler: enabled App A, App B, "
        "App C, App D, App E"
    )


def test_replacing_with_the_same_apps_changes_nothing(admin, handler, apps):
    same = {handler: [wanted("A", is_default=True), wanted("B")]}
    replace_enablements(wanted=same, by=admin)
    before = list(Enablement.objects.values())
    AuditEntry.objects.all().delete()

    results = replace_enablements(wanted=same, by=admin)

    assert not results[handler]
    assert list(Enablement.objects.values()) == before
    assert not AuditEntry.objects.exists()


def test_names_are_not_case_sensitive(admin, handler, apps):
    names = [WantedEnablement("connected", "aPP_a", USER.upper(), False)]

    replace_enablements(wanted={handler: names}, by=admin)

    assert enabled(handler) == [("A", False)]


def test_an_app_of_the_other_type_can_have_the_same_name(admin, handler, apps):
    external = ClientAppFactory(org=admin.org, kind="external", api_name="App_A")

    replace_enablements(
        wanted={handler: [wanted("A"), wanted("A", kind="external")]}, by=admin
    )

    assert Enablement.objects.get(app=external).app_kind == "external"
    handler.refresh_from_db()
    assert (handler.connected_count, handler.external_count) == (1, 1)


def test_reports_all_refusals_and_changes_nothing(admin, handler, apps):
    IntegrationUserFactory(org=admin.org, username="gone@x.example", is_active=False)
    ClientAppFactory(org=admin.org, api_name="App_Off", allows_token_exchange=False)
    EnablementFactory(handler=handler, app=apps[4])
    rows = [
        wanted("A"),
        wanted("Z"),
        wanted("B", "nobody@x.example"),
        wanted("C", "gone@x.example"),
        wanted("Off"),
    ]

    with pytest.raises(EnablementRefusedError) as refused:
        replace_enablements(wanted={handler: rows}, by=admin)

    assert codes(refused) == [
        (1, "app", "no-app"),
        (2, "run_as", "no-user"),
        (4, "app", "app-off"),
        (3, "run_as", "user-inactive"),
    ]
    assert enabled(handler) == [("E", False)]


def test_an_enabled_app_can_stay_although_it_was_turned_off(admin, handler, apps, run_as):
    row = EnablementFactory(handler=handler, app=apps[0], run_as=run_as)
    for thing, field in [(row.app, "allows_token_exchange"), (run_as, "is_active")]:
        setattr(thing, field, False)
        thing.save()

    apps = {handler: [wanted("A", is_default=True)]}
    results = replace_enablements(wanted=apps, by=admin)

    assert results[handler].changed == 1
    assert enabled(handler) == [("A", True)]


def test_does_not_take_a_default_from_another_handler(admin, handler, other, apps):
    EnablementFactory(handler=other, app=apps[0], is_default=True)

    with pytest.raises(
        EnablementRefusedError, match="Other Handler is the default handler for App A"
    ) as refused:
        replace_enablements(wanted={handler: [wanted("A", is_default=True)]}, by=admin)

    assert codes(refused) == [(0, "is_default", "default-elsewhere")]


def test_moves_a_default_between_replaced_handlers(admin, handler, other, apps):
    EnablementFactory(handler=other, app=apps[0], is_default=True)

    replace_enablements(
        wanted={handler: [wanted("A", is_default=True)], other: [wanted("A")]}, by=admin
    )

    assert enabled(handler) == [("A", True)]
    assert enabled(other) == [("A", False)]


def test_refuses_two_handlers_that_claim_one_default(admin, handler, other, apps):
    both = [wanted("A", is_default=True)]

    with pytest.raises(
        EnablementRefusedError, match="not My Handler and Other Handler"
    ) as refused:
        replace_enablements(wanted={handler: both, other: both}, by=admin)

    assert codes(refused) == [(0, "is_default", "default-twice")] * 2


def test_another_orgs_apps_and_users_are_unknown(admin, handler, apps):
    foreign = OrgFactory()
    ClientAppFactory(org=foreign, api_name="App_X")
    IntegrationUserFactory(org=foreign, username="x@x.example")

    with pytest.raises(EnablementRefusedError) as refused:
        replace_enablements(
            wanted={handler: [wanted("X"), wanted("A", "x@x.example")]}, by=admin
        )

    assert codes(refused) == [(0, "app", "no-app"), (1, "run_as", "no-user")]


def test_says_if_it_lists_only_the_first_refusals(admin, handler, run_as):
    many = [
        WantedEnablement("connected", f"App_{number}", USER, False) for number in range(101)
    ]

    with pytest.raises(EnablementRefusedError) as refused:
        replace_enablements(wanted={handler: many[:100]}, by=admin)
    assert not any(refusal.rest for refusal in refused.value.refusals)

    with pytest.raises(EnablementRefusedError) as refused:
        replace_enablements(wanted={handler: many}, by=admin)
    assert len(refused.value.refusals) == 100
    assert refused.value.refusals[-1].rest == (
        "Only the first 100 problems of this kind are listed."
    )


def test_takes_few_queries_at_any_size(
    admin, handler, run_as, django_assert_max_num_queries, subtests
):
    apps = [
        WantedEnablement("connected", app.api_name, USER, False)
        for app in make_apps(admin.org, 1_000)
    ]

    for number in [1, 100, 1_000]:
        with subtests.test(number=number), rolled_back():
            with django_assert_max_num_queries(40):
                replace_enablements(wanted={handler: apps[:number]}, by=admin)

            assert len(enabled(handler)) == number
            assert_counters_equal_the_rows()


@pytest.mark.sqlite
def test_the_query_plan_starts_from_the_wanted_apps(admin, apps):
    with enablement_sets.wanted_rows(admin.org_id, {}), connection.cursor() as cursor:
        select = enablement_sets._RESOLVED.partition(" AS\n")[2]
        cursor.execute(f"EXPLAIN QUERY PLAN {select}", {"org": admin.org_id})
        plan = [row[3] for row in cursor.fetchall()]

    assert plan[0].startswith("SCAN w")
    assert all(step.startswith("SEARCH") for step in plan[1:]), plan
    assert "app_api_name_per_kind (org_id=? AND kind=? AND <expr>=?)" in plan[1]
