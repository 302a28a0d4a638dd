"""The state of an org as a document: what its metadata files don't contain.

The models aren't validated here: the rows come from the database.
"""

import json

from django.db.models import Case, When

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.org.models import (
    ApexClass,
    ClientApp,
    DebugLevel,
    ExchangeExample,
    Issuer,
    Org,
    PermissionSetAssignment,
    User,
)
from tokenx.org.models.trace_flag import LEVEL_FIELDS
from tokenx.training.models import PracticeOrg

from .document import (
    EXAMPLE_FIELDS,
    FORMAT,
    ISSUER_FIELDS,
    USER_FIELDS,
    SnapshotApp,
    SnapshotClass,
    SnapshotComponent,
    SnapshotDebugLevel,
    SnapshotDocument,
    SnapshotEnablement,
    SnapshotExample,
    SnapshotHandler,
    SnapshotIssuer,
    SnapshotOrg,
    SnapshotUser,
)


def document_of(org: Org, *, owner: User) -> SnapshotDocument:
    """Return the org's document, sorted by names so that every database gives the same."""
    practice = PracticeOrg.objects.filter(org=org).first()
    return SnapshotDocument.model_construct(
        format=FORMAT,
        scenario=practice.scenario if practice else "",
        owner=owner.username,
        org=SnapshotOrg.model_construct(name=org.name, is_strict=org.is_strict),
        users=tuple(_users(org)),
        classes=tuple(_classes(org)),
        apps=tuple(_apps(org)),
        handlers=tuple(_handlers(org)),
        components=tuple(_components(org)),
        issuers=tuple(_issuers(org)),
        debug_levels=tuple(_debug_levels(org)),
        examples=tuple(_examples(org)),
    )


def _users(org: Org) -> list[SnapshotUser]:
    key = Case(When(profile__kind="", then="profile__name"), default="profile__kind")
    sets: dict[int, list[str]] = {}
    assignments = PermissionSetAssignment.objects.filter(org=org)
    for pk, name in assignments.values_list("user", "permission_set__name"):
        sets.setdefault(pk, []).append(name)
    rows = User.objects.filter(org=org).values("pk", *USER_FIELDS, profile_key=key)
    users = [
        SnapshotUser.model_construct(
            permission_sets=tuple(sorted(sets.get(row.pop("pk"), ()))),
            profile=row.pop("profile_key"),
            **row,
        )
        for row in rows
    ]
    return sorted(users, key=lambda user: user.username)


def _classes(org: Org) -> list[SnapshotClass]:
    classes = [
        SnapshotClass.model_construct(
            name=row.name, has_file=bool(row.file_details), modified_at=row.modified_at
        )
        for row in ApexClass.objects.filter(org=org).defer("body")
    ]
    return sorted(classes, key=lambda entry: entry.name)


def _apps(org: Org) -> list[SnapshotApp]:
    apps = [
        SnapshotApp.model_construct(
            kind=row.kind,
            api_name=row.api_name,
            consumer_key=row.consumer_key,
            has_file=bool(row.file_details),
            modified_at=row.modified_at,
        )
        for row in ClientApp.objects.filter(org=org)
    ]
    return sorted(apps, key=lambda app: (app.kind, app.api_name))


def _components(org: Org) -> list[SnapshotComponent]:
    components = [
        SnapshotComponent.model_construct(
            type=type_name,
            name=row.name,
            modified_at=row.modified_at,
            has_file=row_type.has_file(row),
            has_key=row_type.has_key(row),
        )
        for type_name, row_type in ROW_TYPES.items()
        for row in row_type.rows().filter(org=org)
    ]
    return sorted(components, key=lambda entry: (entry.type, entry.name))


def _issuers(org: Org) -> list[SnapshotIssuer]:
    issuers = [
        SnapshotIssuer.model_construct(
            claims=json.dumps(row.claims, ensure_ascii=False, sort_keys=True),
            people=json.dumps(row.people, ensure_ascii=False, sort_keys=True),
            key_id=row.key_id,
            **{name: getattr(row, name) for name in ISSUER_FIELDS},
        )
        for row in Issuer.objects.filter(org=org).defer(*Issuer.SECRETS)
    ]
    return sorted(issuers, key=lambda entry: entry.name)


def _debug_levels(org: Org) -> list[SnapshotDebugLevel]:
    levels = [
        SnapshotDebugLevel.model_construct(
            name=row.name,
            label=row.label,
            levels={name: getattr(row, name) for name in sorted(LEVEL_FIELDS)},
            created_at=row.created_at,
            modified_at=row.modified_at,
        )
        for row in DebugLevel.objects.filter(org=org)
    ]
    return sorted(levels, key=lambda entry: entry.name)


def _examples(org: Org) -> list[SnapshotExample]:
    rows = ExchangeExample.objects.filter(org=org).select_related("created_by")
    examples = [
        SnapshotExample.model_construct(
            recipe=json.dumps(row.recipe, ensure_ascii=False, sort_keys=True),
            created_by=row.created_by.username,
            **{name: getattr(row, name) for name in EXAMPLE_FIELDS},
        )
        for row in rows
    ]
    return sorted(examples, key=lambda entry: entry.name)


def _handlers(org: Org) -> list[SnapshotHandler]:
    enabled: dict[int, list[SnapshotEnablement]] = {}
    enablements = Enablement.objects.filter(org=org).values_list(
        "handler", "app_kind", "app__api_name", "enabled_at", "modified_at"
    )
    for handler_id, kind, api_name, enabled_at, modified_at in enablements:
        enablement = SnapshotEnablement.model_construct(
            kind=kind, api_name=api_name, enabled_at=enabled_at, modified_at=modified_at
        )
        enabled.setdefault(handler_id, []).append(enablement)
    handlers = [
        SnapshotHandler.model_construct(
            name=row.developer_name,
            created_at=row.created_at,
            created_by=row.created_by.username,
            modified_at=row.modified_at,
            modified_by=row.modified_by.username,
            enabled=tuple(sorted(enabled.get(row.pk, []), key=lambda app: app.key)),
        )
        for row in TokenExchangeHandler.objects.filter(org=org).select_related(
            "created_by", "modified_by"
        )
    ]
    return sorted(handlers, key=lambda handler: handler.name)
