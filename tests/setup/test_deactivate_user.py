"""Deactivate and Activate: consequences are stated first, and nothing is lost."""

from threading import Barrier

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.conftest import signed_in
from tests.factories import (
    EnablementFactory,
    IntegrationUserFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.many import enable, make_apps
from tests.read import options, read, toasts
from tests.test_concurrency import concurrently
from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry, BuiltInProfile, User
from tokenx.setup.actions import users as actions


@pytest.fixture
def inga(admin):
    return IntegrationUserFactory(
        org=admin.org, first_name="Inga", last_name="Bot", username="inga@x.example"
    )


def url_of(user, verb="deactivate"):
    return reverse(f"setup:{verb}-user", args=[user.pk])


def warnings(response):
    return [item.text for item in read(response).one(id="modal-text").all("li")]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_lists_the_handlers_and_apps_that_will_stop_working(request, inga, client_name):
    zeta = TokenExchangeHandlerFactory(org=inga.org, label="Zeta")
    alpha = TokenExchangeHandlerFactory(org=inga.org, label="Alpha")
    for handler, app in [(zeta, "Billing"), (alpha, "Sales"), (alpha, "Audit")]:
        EnablementFactory(handler=handler, run_as=inga, app__label=app)
    EnablementFactory(handler__org=inga.org, handler__label="Another user's")

    response = request.getfixturevalue(client_name).get(url_of(inga))

    assertContains(
        response, "2 handlers run as Inga Bot and won't work until you choose another"
    )
    assert warnings(response) == ["Alpha for Audit, Sales", "Zeta for Billing"]
    inga.refresh_from_db()
    assert inga.is_active


def test_names_every_handler_and_the_first_of_many_apps(admin_client, inga, handler):
    enable(handler, make_apps(inga.org, 60), [inga])
    zeta = TokenExchangeHandlerFactory(org=inga.org, label="Zeta")
    EnablementFactory(handler=zeta, run_as=inga)

    of_many, of_one = warnings(admin_client.get(url_of(inga)))

    assert of_many.startswith("My Handler for App 0000, App 0001")
    assert of_many.endswith("App 0049 and 10 more")
    assert of_one == "Zeta for 1 app"


def test_warns_of_nothing_if_no_handler_runs_as_the_user(admin_client, inga):
    response = admin_client.get(url_of(inga))

    assertNotContains(response, "will not work")
    assertContains(response, "won't be able to log in or be selected for Run as")


def test_deactivates_and_keeps_the_enabled_apps(htmx_client, admin, inga):
    enablement = EnablementFactory(handler__org=inga.org, run_as=inga)

    response = htmx_client.post(url_of(inga))

    assert response["HX-Redirect"] == reverse("setup:user", args=[inga.pk])
    inga.refresh_from_db()
    assert not inga.is_active
    assert Enablement.objects.get().run_as == inga == enablement.run_as
    assert options(htmx_client.get("/lookup/users/?q=inga")) == []
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.section) == (admin, "Manage Users")
    assert entry.action == "deactivateduser"
    assert entry.display == "Deactivated User Inga Bot (inga@x.example)"


def test_works_without_javascript(admin_client, inga):
    response = admin_client.post(url_of(inga), follow=True)

    assertRedirects(response, reverse("setup:user", args=[inga.pk]))
    assert toasts(response) == ["Inga Bot was deactivated."]


def test_a_deactivated_user_is_signed_out_immediately(admin_client, admin):
    other = UserFactory(org=admin.org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    client = signed_in(other)
    assert client.get("/users/").status_code == 200

    admin_client.post(url_of(other))

    assert client.get("/users/").status_code == 302


def test_activates_the_user_again(admin_client, admin, inga):
    User.objects.filter(pk=inga.pk).update(is_active=False)
    assertContains(admin_client.get(url_of(inga, "activate")), "Activate Inga Bot?")

    response = admin_client.post(url_of(inga, "activate"), follow=True)

    assert toasts(response) == ["Inga Bot was activated."]
    inga.refresh_from_db()
    assert inga.is_active
    entry = AuditEntry.objects.get()
    assert entry.action == "activateduser"
    assert entry.display == "Activated User Inga Bot (inga@x.example)"


@pytest.mark.parametrize(("verb", "is_active"), [("deactivate", False), ("activate", True)])
def test_repeating_a_change_leaves_no_entry(admin_client, inga, verb, is_active):
    User.objects.filter(pk=inga.pk).update(is_active=is_active)

    assert admin_client.post(url_of(inga, verb)).status_code == 302
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("others", [0, 1])
def test_users_cannot_deactivate_themselves(admin_client, admin, others):
    UserFactory.create_batch(
        others, org=admin.org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR
    )

    response = admin_client.post(url_of(admin))

    assertContains(response, "t deactivate yourself.", status_code=422)
    admin.refresh_from_db()
    assert admin.is_active
    assert not AuditEntry.objects.exists()


def test_the_last_administrator_who_can_sign_in_stays(admin_client, admin):
    other = UserFactory(org=admin.org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    other.set_password("correct horse")
    other.save()

    response = admin_client.post(url_of(other))

    assertContains(response, "last active administrator", status_code=422)
    other.refresh_from_db()
    assert other.is_active


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_deactivate_each_other_leave_one(admin):
    other = UserFactory(org=admin.org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    def deactivate(pair):
        by, user = pair
        try:
            actions.deactivate_user(user=user, by=by)
        except Exception as error:
            return str(error)
        return "done"

    answers = concurrently(deactivate, [(admin, other), (other, admin)])

    assert sorted("done" if a == "done" else "refused" for a in answers) == [
        "done",
        "refused",
    ]
    assert "last active administrator" in " ".join(answers)
    assert User.objects.active().count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_edits_do_not_overwrite_each_other(admin, inga):
    details = {name: getattr(inga, name) for name in actions.EDITABLE}

    def edit(name):
        user = User.objects.get(pk=inga.pk)
        barrier.wait()
        try:
            actions.edit_user(user=user, by=admin, **details | {"first_name": name})
        except Exception as error:
            return str(error)
        return "done"

    barrier = Barrier(4)
    answers = concurrently(edit, ["Ann", "Bea", "Cora", "Dora"])

    assert answers.count("done") == 1
    assert sum("changed this user while" in answer for answer in answers) == 3
