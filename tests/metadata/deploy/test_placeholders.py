"""Missing references of files, and placeholders for them."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories import ClientAppFactory, UserFactory
from tokenx.metadata.deploy.placeholders import Missing, create_placeholders, missing_from
from tokenx.metadata.deploy.uploads import read_source
from tokenx.metadata.format.definitions import ExternalAppPolicies
from tokenx.metadata.models import Status
from tokenx.org.models import ApexClass, AuditEntry, ClientApp, User

from .deploying import (
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

WANTED = handler(
    "Mine",
    enabled("Billing", run_as="Bot@x.example"),
    enabled("BILLING2", run_as=" bot@x.example"),
    enabled(external="Portal", run_as="bot2@x.example"),
    apex_class="WikiTokens",
)


def missing(by, *components):
    return missing_from(read_source(receive(by, package(*components))), by)


def test_lists_missing_references_as_written_in_the_files(admin):
    references = missing(admin, WANTED)

    assert references == Missing(
        users=["Bot@x.example", "bot2@x.example"],
        connected_apps=["Billing", "BILLING2"],
        external_apps=["Portal"],
        apex_classes=["WikiTokens"],
    )
    assert references


def test_references_to_the_org_or_the_package_are_not_missing(admin, org):
    ready_for_handlers(org)
    ClientAppFactory(org=org, api_name="billing2")
    UserFactory(org=org, username="bot@x.example")
    UserFactory(username="bot2@x.example")
    ClientAppFactory(kind="external", api_name="Portal")
    brought = [("billing", connected_app()), ("WikiTokens", apex_class("WikiTokens"))]

    references = missing(admin, WANTED, *brought)

    assert references == Missing(users=["bot2@x.example"], external_apps=["Portal"])


def test_nothing_is_missing_from_an_empty_package(admin):
    assert not missing(admin)


def test_a_part_needs_its_app(admin):
    part = ("Portal_oauthPlcy", ExternalAppPolicies(app="Portal"))

    assert missing(admin, part) == Missing(external_apps=["Portal"])


def test_an_unreadable_file_has_no_references(admin):
    files = {"A.oauthtokenexchangehandler": b"<a/>"}

    assert not missing_from(read_source(receive(admin, files)), admin)


def test_lists_all_missing_references(admin):
    many = [enabled(f"App{n}", run_as=f"u{n}@x.example") for n in range(300)]

    references = missing(admin, handler("Mine", *many))

    assert len(references.users) == len(references.connected_apps) == 300


# --- Placeholders ----------------------------------------------------------------------


def test_with_placeholders_the_package_can_be_deployed(admin, org):
    created = create_placeholders(missing=missing(admin, WANTED), by=admin)

    assert created == [
        "user Bot@x.example",
        "user bot2@x.example",
        "connected app Billing",
        "connected app BILLING2",
        "external client app Portal",
        "Apex class WikiTokens",
    ]
    assert AuditEntry.objects.count() == len(created)
    deployment = deploy(admin, [WANTED])
    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])


def test_placeholders_are_ready_but_allow_nothing(admin, org):
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


def test_an_invalid_name_creates_no_placeholder_at_all(admin, subtests):
    user = "bot@x.example"
    for name, missing in [
        ("nobody", Missing(users=[user, "nobody"])),
        ("No name", Missing(users=[user], connected_apps=["No name"])),
        ("x__y", Missing(users=[user], external_apps=["x__y"])),
        ("No name", Missing(users=[user], apex_classes=["No name"])),
    ]:
        with subtests.test(missing=missing):
            with pytest.raises(ValidationError, match=f" {name}: "):
                create_placeholders(missing=missing, by=admin)

            assert not User.objects.filter(username=user).exists()
            assert not AuditEntry.objects.exists()
