"""Database constraints, which apply to every writer."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
    profile_of,
)
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ApexClass, AuditEntry, BuiltInProfile, ClientApp, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(org):
    return TokenExchangeHandlerFactory(org=org)


@pytest.fixture
def elsewhere(db):
    return OrgFactory()


def enablement(handler, **fields):
    row = EnablementFactory.build(
        handler=handler,
        **{
            "app": ClientAppFactory(org=handler.org),
            "run_as": IntegrationUserFactory(org=handler.org),
            **fields,
        },
    )
    row.org_id = fields.get("org_id", handler.org_id)
    return row


def assert_refused(model, *rows):
    assert_change_refused(lambda: model._base_manager.bulk_create(rows))


@transaction.atomic
def checked(change):
    change()
    connection.check_constraints()


def assert_change_refused(change):
    """Check that the database refuses the change, immediately or on commit."""
    with pytest.raises(IntegrityError):
        checked(change)


def test_accepts_a_row_of_one_org(handler):
    Enablement.objects.bulk_create([enablement(handler)])
    connection.check_constraints()


def test_a_federation_id_is_unique_in_its_org_and_case_sensitive(org, elsewhere):
    UserFactory(org=org, federation_id="E-9981")
    for user in [
        UserFactory.build(org=org, federation_id="e-9981"),
        UserFactory.build(org=elsewhere, federation_id="E-9981"),
        UserFactory.build(org=org),
    ]:
        user.profile = profile_of(user.org, BuiltInProfile.STANDARD_USER)
        user.save()
    assert_refused(User, UserFactory.build(org=org, federation_id="E-9981"))


def test_an_enablement_refers_to_its_own_org(handler, elsewhere):
    assert_refused(Enablement, enablement(handler, app=ClientAppFactory(org=elsewhere)))
    assert_refused(Enablement, enablement(handler, run_as=UserFactory(org=elsewhere)))
    assert_refused(Enablement, enablement(handler, org_id=elsewhere.pk))


def test_an_update_cannot_move_an_enablement_to_another_org(handler, elsewhere):
    row = enablement(handler)
    Enablement.objects.bulk_create([row])

    theirs = ClientAppFactory(org=elsewhere)
    assert_change_refused(lambda: Enablement.objects.update(app=theirs))


def test_a_handler_refers_to_its_own_org(org, elsewhere):
    for fields in [
        {"apex_class": ApexClassFactory(org=elsewhere)},
        {"modified_by": UserFactory(org=elsewhere)},
    ]:
        own = {
            "apex_class": ApexClassFactory(org=org),
            "modified_by": UserFactory(org=org),
        }
        row = TokenExchangeHandlerFactory.build(org=org, **(own | fields))
        row.set_keys()
        assert_refused(TokenExchangeHandler, row)


def test_an_audit_entry_refers_to_its_own_org(org, elsewhere):
    user = UserFactory(org=elsewhere)

    assert_refused(
        AuditEntry, AuditEntry(org=org, user=user, action="a", section="s", display="d")
    )


def test_a_referenced_row_cannot_be_deleted(handler):
    row = enablement(handler)
    Enablement.objects.bulk_create([row])

    for target in [row.app, row.run_as, handler, handler.apex_class]:
        rows = type(target).objects.filter(pk=target.pk)
        assert_change_refused(lambda rows=rows: rows._raw_delete("default"))


def test_an_app_is_enabled_once_for_a_handler(handler):
    first = enablement(handler)

    assert_refused(Enablement, first, enablement(handler, app=first.app))


def test_an_app_has_one_default_handler(handler):
    other = TokenExchangeHandlerFactory(org=handler.org)
    first = enablement(handler, is_default=True)

    assert_refused(Enablement, first, enablement(other, app=first.app, is_default=True))


def test_an_app_without_a_default_can_have_many_handlers(handler):
    other = TokenExchangeHandlerFactory(org=handler.org)
    first = enablement(handler)

    Enablement.objects.bulk_create([first, enablement(other, app=first.app)])
    connection.check_constraints()


def test_usernames_are_unique_in_an_org(org):
    users = UserFactory.build_batch(2, org=org, username="same@mycompany.example")

    assert_refused(User, *users)


def test_many_orgs_can_have_the_same_username(org, elsewhere):
    for each in [org, elsewhere]:
        UserFactory(org=each, username="same@mycompany.example")


def test_sign_in_usernames_are_unique_across_orgs(org, elsewhere):
    users = [
        UserFactory.build(org=each, username="same@mycompany.example", can_sign_in=True,
                          password="hash")
        for each in [org, elsewhere]
    ]  # fmt: skip

    assert_refused(User, *users)


def test_signing_in_requires_a_password(org):
    assert_refused(User, UserFactory.build(org=org, can_sign_in=True))


def test_api_names_are_unique(org):
    assert_refused(ClientApp, *ClientAppFactory.build_batch(2, org=org, api_name="Same"))
    assert_refused(ApexClass, *ApexClassFactory.build_batch(2, org=org, name="Same"))
    user, apex_class = UserFactory(org=org), ApexClassFactory(org=org)
    handlers = [
        TokenExchangeHandlerFactory.build(
            org=org,
            developer_name=name,
            apex_class=apex_class,
            created_by=user,
            modified_by=user,
        )
        for name in ["Same", "sAME"]
    ]
    assert_refused(TokenExchangeHandler, *handlers)


def test_apps_of_different_kinds_can_share_an_api_name(org):
    for kind in ClientApp.Kind:
        ClientAppFactory(org=org, api_name="Same", kind=kind)


def test_a_refusal_has_a_message(handler, elsewhere):
    Enablement.objects.bulk_create([first := enablement(handler, is_default=True)])
    other = TokenExchangeHandlerFactory(org=handler.org)

    for row, sentence in [
        (enablement(handler, app=first.app), "already enabled for this handler"),
        (
            enablement(other, app=first.app, is_default=True),
            "already has a default handler",
        ),
        (enablement(handler, app=ClientAppFactory(org=elsewhere)), "in another org"),
    ]:
        with pytest.raises(ValidationError, match=sentence):
            row.validate_constraints()
