"""Removing an org leaves nothing of it, and all of the others."""

from io import BytesIO

from django.apps import apps
from django.db import connection
from django.utils import timezone

from tests.factories import (
    AccessTokenFactory,
    ApexLogFactory,
    AppPermissionSetFactory,
    AppProfileFactory,
    CertificateFactory,
    ClientAppFactory,
    EnablementFactory,
    ExchangeExampleFactory,
    IssuerFactory,
    LoginRecordFactory,
    OAuthApprovalFactory,
    OrgFactory,
    PermissionSetAssignmentFactory,
    RemoteSiteFactory,
    StoredComponentFactory,
    TokenExchangeHandlerFactory,
    TraceFlagFactory,
    UserFactory,
    UserFieldFactory,
)
from tokenx.metadata.deploy.actions import Options, queue_deployment, receive_source
from tokenx.metadata.models import ComponentMessage, InitFile, Retrieval
from tokenx.org import audit
from tokenx.org.models import LoginFailure, Org, SigningKey
from tokenx.org.search import grams
from tokenx.training.models import (
    Classroom,
    ExerciseRun,
    OpenedSnapshot,
    Participant,
    PracticeOrg,
    Snapshot,
)
from tokenx.training.practice.removal import remove_org

MODELS = [
    model
    for model in apps.get_models()
    if model.__module__.startswith("tokenx.")
    and model not in {Org, LoginFailure, SigningKey}
]


def fill(org):
    """Fill an org with a row of every table."""
    user = UserFactory(org=org)
    EnablementFactory(handler=TokenExchangeHandlerFactory(org=org), is_default=True)
    grams.add_user(user)
    grams.add_app(ClientAppFactory(org=org))
    AccessTokenFactory(user=user)
    for create in [
        ApexLogFactory,
        AppPermissionSetFactory,
        AppProfileFactory,
        CertificateFactory,
        ExchangeExampleFactory,
        IssuerFactory,
        PermissionSetAssignmentFactory,
        RemoteSiteFactory,
        StoredComponentFactory,
        TraceFlagFactory,
        UserFieldFactory,
    ]:
        create(org=org)
    LoginRecordFactory(org=org, user=user)
    OAuthApprovalFactory(app=ClientAppFactory(org=org), user=user)
    audit.record(by=user, action="a", section="s", display="d")
    source = receive_source(stream=BytesIO(b"x"), name="x.zip", by=user)
    deployment = queue_deployment(source=source, options=Options(), by=user)
    ComponentMessage.objects.create(
        org=org, deployment=deployment, number=0, full_name="x", file_name="x"
    )
    InitFile.objects.create(org=org, name="x.zip", sha256="x")
    Retrieval.objects.create(org=org, created_by=user, version="67.0")
    PracticeOrg.objects.create(org=org, owner=user, scenario="first-steps")
    Snapshot.objects.create(org=org, name="Before", created_by=user, data=b"x")
    OpenedSnapshot.objects.create(org=org, name="Before", data=b"x")
    ExerciseRun.objects.create(org=org, exercise="first")
    classroom = Classroom.objects.create(
        org=org, trainer=user, name="c", code=f"c{org.pk}", ends_at=timezone.now()
    )
    Participant.objects.create(org=org, classroom=classroom, name="p", practice_org=org)
    return org


def counts(org):
    return {model.__name__: model.objects.filter(org=org).count() for model in MODELS}


def test_deletes_all_rows_of_the_org_and_none_of_others(db):
    removed, other = fill(OrgFactory()), fill(OrgFactory())
    before = counts(other)
    assert min(counts(removed).values()) > 0, "this test fills no rows of some model"
    key = removed.pk

    remove_org(removed)
    connection.check_constraints()

    assert set(counts(key).values()) == {0}
    assert counts(other) == before
    assert list(Org.objects.all()) == [other]
