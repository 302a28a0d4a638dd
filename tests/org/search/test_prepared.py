"""Prepared queries return what the ORM returns, with related instances."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import (
    ApexClassFactory,
    EnablementFactory,
    LoginRecordFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tokenx.handlers.models import Enablement
from tokenx.org.models import LoginRecord, User
from tokenx.org.search.prepared import prepared

pytestmark = pytest.mark.django_db
RELATED = ["handler__apex_class", "run_as__profile", "run_as__org"]


def values_of(instance):
    """Return the fields of an instance, and those of its loaded related instances."""
    if instance is None:
        return None
    values = {
        field.attname: getattr(instance, field.attname)
        for field in instance._meta.concrete_fields
    }
    cached = instance._state.fields_cache
    return type(instance), values, {name: values_of(each) for name, each in cached.items()}


def test_related_instances_are_those_of_the_orm(org):
    def compose(org: int, handler: int) -> QuerySet:
        rows = Enablement.objects.filter(org=org, handler=handler).order_by("-pk")
        return rows.select_related(*RELATED)

    handler = TokenExchangeHandlerFactory(
        org=org, apex_class=ApexClassFactory(org=org, superclasses=["A", "B"])
    )
    for _ in range(3):
        EnablementFactory(handler=handler)
    EnablementFactory(handler__org=org)
    ask = prepared(compose)
    expected = [values_of(each) for each in compose(org.pk, handler.pk)]

    for _ in range(2):
        found = ask(org.pk, handler.pk)
        assert [values_of(each) for each in found] == expected
    assert len(found) == 3
    with CaptureQueriesContext(connection) as statements:
        first = found[0]
        assert first.handler.apex_class.superclasses == ["A", "B"]
        assert first.run_as.profile.name
        assert first.run_as.org == org
    assert not statements.captured_queries
    assert (first._state.db, first._state.adding) == ("default", False)
    first.refresh_from_db()


def test_a_related_instance_can_be_absent(org):
    def compose(org: int) -> QuerySet:
        rows = LoginRecord.objects.filter(org=org).order_by("pk")
        return rows.select_related("user__profile")

    LoginRecordFactory(org=org, user=UserFactory(org=org))
    LoginRecordFactory(org=org, user=None, username="gone")

    found = prepared(compose)(org.pk)

    assert [values_of(each) for each in found] == [*map(values_of, compose(org.pk))]
    assert found[0].user.profile
    assert found[1].user is None


def test_times_are_arguments(org):
    @prepared
    def created_after(org: int, moment: datetime, username: str) -> QuerySet:
        rows = User.objects.filter(org=org, created_at__gt=moment)
        return rows.exclude(username=username).values_list("pk", "created_at")

    now = timezone.now()
    users = [UserFactory(org=org) for _ in range(3)]
    for days, each in enumerate(users):
        User.objects.filter(org=org, pk=each.pk).update(
            created_at=now - timedelta(days=days)
        )

    found = created_after(org.pk, now - timedelta(days=1.5), users[0].username)

    assert found == [(users[1].pk, now - timedelta(days=1))]
    assert created_after(org.pk, now, "") == []


def test_annotations_are_those_of_the_orm(org):
    @prepared
    def with_records(org: int, moment: datetime) -> QuerySet:
        rows = LoginRecord.objects.filter(user=OuterRef("pk"), org=org)
        recent = Exists(rows.filter(logged_in_at__gt=moment))
        return User.objects.filter(org=org).annotate(is_recent=recent).order_by("pk")

    now = timezone.now()
    user, _ = UserFactory(org=org), UserFactory(org=org)
    LoginRecordFactory(org=org, user=user, logged_in_at=now)

    for moment, expected in [(now - timedelta(days=1), [user]), (now, [])]:
        found = with_records(org.pk, moment)
        assert [each for each in found if each.is_recent is True] == expected
        assert len([each for each in found if each.is_recent is False]) >= 1
