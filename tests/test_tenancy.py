"""Isolation between orgs: on every URL, another org's keys find and change nothing."""

import pytest
from django.urls import reverse

from tokenx.org.models import ClientApp, StoredType

from .addresses import (
    CHANGING,
    CLOSED,
    KEYS,
    TAKES_POST,
    WITH_ROWS,
    Rows,
    everything,
    rows_of,
)
from .factories import OrgFactory, UserFactory


@pytest.fixture
def ours(org) -> Rows:
    return rows_of(org, "Ours")


@pytest.fixture
def theirs(db) -> Rows:
    return rows_of(OrgFactory(), "Theirs")


@pytest.mark.parametrize("person", ["admin_client", "viewer_client", "htmx_client"])
def test_another_orgs_keys_are_not_found(request, ours, theirs, person, subtests):
    client = request.getfixturevalue(person)
    before = everything()
    for name in WITH_ROWS:
        with subtests.test(name=name):
            not_found = 403 if person == "viewer_client" and name in CHANGING else 404
            not_taken = not_found if name in TAKES_POST else {404: 405}.get(not_found, 403)
            assert client.get(theirs.address(name)).status_code == not_found
            assert client.post(theirs.address(name), theirs.form).status_code == not_taken
            assert everything() == before


def test_another_orgs_rows_are_not_under_our_handlers(admin_client, ours, theirs, subtests):
    mixed = ours._replace(pk=theirs.pk)
    before = everything()
    for name in WITH_ROWS:
        if "pk" in KEYS[name]:
            with subtests.test(name=name):
                assert admin_client.get(mixed.address(name)).status_code == 404
                response = admin_client.post(mixed.address(name), theirs.form)
                assert response.status_code == 404
                assert everything() == before


def test_another_orgs_app_or_user_cannot_be_chosen(admin_client, ours, theirs, subtests):
    before = everything()
    for key in ["app", "run_as"]:
        with subtests.test(key=key):
            form = ours.form | {key: theirs.form[key]}
            response = admin_client.post(ours.address("handlers:enable-app"), form)

            assert response.status_code == 422
            assert response.context["form"].errors.keys() == {key}
            assert b"Theirs" not in response.content
            assert everything() == before


def test_editing_cannot_select_another_orgs_user(admin_client, ours, theirs):
    before = everything()

    address = ours.address("handlers:edit-enablement")
    response = admin_client.post(address, {"run_as": theirs.form["run_as"]})

    assert response.status_code == 422
    assert everything() == before


_KINDS = [{"kind": kind} for kind in ClientApp.Kind.values]
_KINDS += [{"stored_type": stored_type} for stored_type in StoredType.values]


def test_lists_show_nothing_of_another_org(admin_client, theirs, subtests):
    UserFactory(org=OrgFactory(), first_name="Theirs")

    lists = ["handlers:list", "setup:home", "handlers:user-lookup"]
    lists += [
        name for name in CLOSED if name.startswith("setup:") and name.endswith("-list")
    ]
    assert "setup:certificate-list" in lists
    for name in lists:
        for kind in _KINDS if KEYS[name] else [{}]:
            if KEYS[name] not in ([], [*kind]):
                continue
            with subtests.test(name=name, kind=kind):
                response = admin_client.get(reverse(name, kwargs=kind))
                assert response.status_code == 200
                assert b"Theirs" not in response.content


def test_the_same_names_in_another_org_are_other_rows(admin_client, ours):
    elsewhere = rows_of(OrgFactory(), "Ours")
    before = {row["id"] for row in everything()["Enablement"]}

    response = admin_client.post(ours.address("handlers:remove-app"))

    assert response.status_code == 302
    removed = before - {row["id"] for row in everything()["Enablement"]}
    assert removed == {ours.pk} != {elsewhere.pk}
