"""Removing an org, with all that is in it."""

from django.apps import apps
from django.db import models, transaction

from tokenx.org.models import Org

from .models import Participant


@transaction.atomic
def remove_org(org: Org) -> None:
    """Delete the org's rows, table by table, and the org. Audit trail and all.

    Foreign keys are checked when the transaction ends, so the order does not matter.
    """
    Participant.objects.filter(practice_org=org).update(practice_org=None)
    for model in apps.get_models():
        if any(field.name == "org" for field in model._meta.fields):
            rows: models.QuerySet = model._default_manager.filter(org=org)
            rows._raw_delete(rows.db)
    org.delete()
