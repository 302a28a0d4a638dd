"""Foreign keys and rows name their org in every query."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import EnablementFactory, OrgFactory, UserFactory
from tests.sql_guard import faults_of
from tokenx.handlers.models import Enablement
from tokenx.metadata.models import Deployment


@pytest.fixture
def enablement(handler) -> Enablement:
    return Enablement.objects.get(pk=EnablementFactory(handler=handler).pk)


@pytest.fixture
def every_statement_names_the_org():
    with CaptureQueriesContext(connection) as queries:
        yield queries
    assert len(queries)
    assert not [fault for query in queries for fault in faults_of(query["sql"])]


def test_joins_compare_the_org(enablement, every_statement_names_the_org):
    joined = Enablement.objects.filter(org=enablement.org_id).select_related("app")

    assert list(joined.filter(run_as__is_active=True)) == [enablement]
    assert list(joined.exclude(handler__label="Other")) == [enablement]


def test_following_a_key_names_the_org(enablement, every_statement_names_the_org):
    assert enablement.app.org_id == enablement.org_id
    assert enablement.run_as.grams.count() == 0


def test_prefetching_names_the_org(enablement, every_statement_names_the_org):
    rows = Enablement.objects.filter(org=enablement.org_id).prefetch_related("app")

    assert [row.app for row in rows] == [enablement.app]


def test_changing_a_row_names_the_org(enablement, every_statement_names_the_org):
    enablement.is_default = True
    enablement.save()
    enablement.refresh_from_db()
    assert enablement.is_default
    enablement.delete()


def test_saving_never_moves_a_row_to_another_org(enablement):
    enablement.org = OrgFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        enablement.save()

    assert Enablement.objects.get(pk=enablement.pk).org_id != enablement.org_id


def test_a_key_into_another_org_is_refused(admin):
    deployment = Deployment(org=admin.org, canceled_by=UserFactory(org=OrgFactory()))

    with pytest.raises(ValidationError) as refusal:
        deployment.full_clean()

    assert refusal.value.message_dict["canceled_by"] == ["This record is in another org."]
