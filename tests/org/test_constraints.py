"""What the database itself refuses, whatever wrote the row."""

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
)
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ApexClass, AuditEntry, ClientApp, User

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


def refuses(model, *rows):
    refuses_to(lambda: model._base_manager.bulk_create(rows))


@transaction.atomic
def checked(change):
    change()
    connection.check_constraints()


def refuses_to(change):
    """The database says no, at once or at the end of the transaction."""
    with pytest.raises(IntegrityError):
        checked(change)


def test_takes_a_row_of_one_org(handler):
    Enablement.objects.bulk_create([enablement(handler)])
    connection.check_constraints()


def test_an_enablement_points_into_its_own_org(handler, elsewhere):
    refuses(Enablement, enablement(handler, app=ClientAppFactory(org=elsewhere)))
    refuses(Enablement, enablement(handler, run_as=UserFactory(org=elsewhere)))
    refuses(Enablement, enablement(handler, org_id=elsewhere.pk))


def test_no_update_moves_an_enablement_out_of_its_org(handler, elsewhere):
    row = enablement(handler)
    Enablement.objects.bulk_create([row])

    theirs = ClientAppFactory(org=elsewhere)
    refuses_to(lambda: Enablement.objects.update(app=theirs))


def test_a_handler_points_into_its_own_org(org, elsewhere):
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
        refuses(TokenExchangeHandler, row)


def test_an_audit_entry_points_into_its_own_org(org, elsewhere):
    user = UserFactory(org=elsewhere)

    refuses(
        AuditEntry, AuditEntry(org=org, user=user, action="a", section="s", display="d")
    )


def test_what_is_pointed_to_cannot_be_deleted_alone(handler):
    row = enablement(handler)
    Enablement.objects.bulk_create([row])

    for target in [row.app, row.run_as, handler, handler.apex_class]:
        found = type(target).objects.filter(pk=target.pk)
        refuses_to(lambda found=found: found._raw_delete("default"))


def test_an_app_is_enabled_once_for_a_handler(handler):
    first = enablement(handler)

    refuses(Enablement, first, enablement(handler, app=first.app))


def test_an_app_has_one_default_handler(handler):
    other = TokenExchangeHandlerFactory(org=handler.org)
    first = enablement(handler, is_default=True)

    refuses(Enablement, first, enablement(other, app=first.app, is_default=True))


def test_an_app_without_default_may_have_many_handlers(handler):
    other = TokenExchangeHandlerFactory(org=handler.org)
    first = enablement(handler)

    Enablement.objects.bulk_create([first, enablement(other, app=first.app)])
    connection.check_constraints()


def test_a_username_is_taken_once_in_an_org(org):
    users = UserFactory.build_batch(2, org=org, username="same@mycompany.example")

    refuses(User, *users)


def test_a_username_may_be_in_many_orgs(org, elsewhere):
    for each in [org, elsewhere]:
        UserFactory(org=each, username="same@mycompany.example")


def test_one_person_signs_in_under_a_username(org, elsewhere):
    users = [
        UserFactory.build(org=each, username="same@mycompany.example", can_sign_in=True,
                          password="hash")
        for each in [org, elsewhere]
    ]  # fmt: skip

    refuses(User, *users)


def test_nobody_signs_in_without_a_password(org):
    refuses(User, UserFactory.build(org=org, can_sign_in=True))


def test_api_names_are_taken_once(org):
    refuses(ClientApp, *ClientAppFactory.build_batch(2, org=org, api_name="Same"))
    refuses(ApexClass, *ApexClassFactory.build_batch(2, org=org, name="Same"))
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
    refuses(TokenExchangeHandler, *handlers)


def test_apps_of_both_kinds_may_have_one_api_name(org):
    for kind in ClientApp.Kind:
        ClientAppFactory(org=org, api_name="Same", kind=kind)


def test_a_refusal_has_a_sentence(handler, elsewhere):
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
