"""What files refer to and an org does not have, and placeholders for it."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories import ClientAppFactory, UserFactory
from tests.metadata.deploying import (
    apex_class,
    connected_app,
    deploy,
    enabled,
    handler,
    package,
    problems,
    ready_for_handlers,
    receive,
)
from tokenx.metadata.definition import ExternalAppPolicies
from tokenx.metadata.missing import Missing, create_placeholders, missing_from
from tokenx.metadata.models import Status
from tokenx.metadata.sources import read_source
from tokenx.org.models import ApexClass, AuditEntry, ClientApp, User

WANTED = handler(
    "Mine",
    enabled("Billing", run_as="Bot@x.example"),
    enabled("BILLING2", run_as=" bot@x.example"),
    enabled(external="Portal", run_as="bot2@x.example"),
    apex_class="WikiTokens",
)


def missing(by, *components):
    return missing_from(read_source(receive(by, package(*components))), by)


def test_names_what_is_not_there_as_the_files_write_it(admin):
    found = missing(admin, WANTED)

    assert found == Missing(
        users=["Bot@x.example", "bot2@x.example"],
        connected_apps=["Billing", "BILLING2"],
        external_apps=["Portal"],
        apex_classes=["WikiTokens"],
    )
    assert found


def test_what_the_org_or_the_package_has_is_not_missing(admin, org):
    ready_for_handlers(org)
    ClientAppFactory(org=org, api_name="billing2")
    UserFactory(org=org, username="bot@x.example")
    UserFactory(username="bot2@x.example")
    ClientAppFactory(kind="external", api_name="Portal")
    brought = [("billing", connected_app()), ("WikiTokens", apex_class("WikiTokens"))]

    found = missing(admin, WANTED, *brought)

    assert found == Missing(users=["bot2@x.example"], external_apps=["Portal"])


def test_nothing_is_missing_from_an_empty_package(admin):
    assert not missing(admin)


def test_a_part_needs_its_app(admin):
    part = ("Portal_oauthPlcy", ExternalAppPolicies(app="Portal"))

    assert missing(admin, part) == Missing(external_apps=["Portal"])


def test_what_cannot_be_read_refers_to_nothing(admin):
    files = {"A.oauthtokenexchangehandler": b"<a/>"}

    assert not missing_from(read_source(receive(admin, files)), admin)


def test_all_that_is_missing_is_named(admin):
    many = [enabled(f"App{n}", run_as=f"u{n}@x.example") for n in range(300)]

    found = missing(admin, handler("Mine", *many))

    assert len(found.users) == len(found.connected_apps) == 300


# --- Placeholders ----------------------------------------------------------------------


def test_with_placeholders_the_package_can_be_deployed(admin, org):
    made = create_placeholders(missing=missing(admin, WANTED), by=admin)

    assert made == [
        "user Bot@x.example",
        "user bot2@x.example",
        "connected app Billing",
        "connected app BILLING2",
        "external client app Portal",
        "Apex class WikiTokens",
    ]
    assert AuditEntry.objects.count() == len(made)
    deployment = deploy(admin, [WANTED])
    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])


def test_a_placeholder_is_ready_and_does_nothing(admin, org):
    create_placeholders(missing=missing(admin, WANTED), by=admin)

    user = User.objects.get(username="bot@x.example")
    assert (user.is_integration_user, user.can_sign_in, user.is_active) == (
        True,
        False,
        True,
    )
    app = ClientApp.objects.get(api_name="Portal")
    assert app.is_exchangeable
    assert (app.secret_hash, app.org) == ("", org)
    assert "new Auth.TokenValidationResult(false)" in ApexClass.objects.get().body


@pytest.mark.parametrize(
    "wrong",
    [
        Missing(users=["nobody"]),
        Missing(connected_apps=["No name"]),
        Missing(external_apps=["x__y"]),
        Missing(apex_classes=["No name"]),
    ],
)
def test_a_name_that_is_none_makes_nothing_at_all(admin, wrong):
    wrong.users.insert(0, "bot@x.example")

    [name] = (
        *wrong.users[1:],
        *wrong.connected_apps,
        *wrong.external_apps,
        *wrong.apex_classes,
    )
    with pytest.raises(ValidationError, match=f" {name}: "):
        create_placeholders(missing=wrong, by=admin)

    assert not User.objects.filter(username="bot@x.example").exists()
    assert not AuditEntry.objects.exists()
