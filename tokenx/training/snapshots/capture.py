"""The state of an org as a document: what its metadata files do not say."""

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ApexClass, ClientApp, Org, User
from tokenx.training.models import PracticeOrg

from .document import (
    FORMAT,
    AppNote,
    ClassNote,
    Document,
    EnabledNote,
    HandlerNote,
    OrgNote,
    Person,
)


def document_of(org: Org, *, owner: User) -> Document:
    """In one order, whatever the database and whatever came first: by names."""
    practice = PracticeOrg.objects.filter(org=org).first()
    return Document(
        format=FORMAT,
        scenario=practice.scenario if practice else "",
        owner=owner.username,
        org=OrgNote(name=org.name, is_strict=org.is_strict),
        users=tuple(_users(org)),
        classes=tuple(_classes(org)),
        apps=tuple(_apps(org)),
        handlers=tuple(_handlers(org)),
    )


def _users(org: Org) -> list[Person]:
    fields = tuple(Person.__dataclass_fields__)
    rows = User.objects.filter(org=org).values(*fields)
    return sorted((Person(**row) for row in rows), key=lambda each: each.username)


def _classes(org: Org) -> list[ClassNote]:
    notes = [
        ClassNote(name=made.name, has_file=bool(made.kept), modified_at=made.modified_at)
        for made in ApexClass.objects.filter(org=org).defer("body")
    ]
    return sorted(notes, key=lambda note: note.name)


def _apps(org: Org) -> list[AppNote]:
    notes = [
        AppNote(
            kind=app.kind,
            api_name=app.api_name,
            consumer_key=app.consumer_key,
            has_file=bool(app.kept),
            modified_at=app.modified_at,
        )
        for app in ClientApp.objects.filter(org=org)
    ]
    return sorted(notes, key=lambda note: (note.kind, note.api_name))


def _handlers(org: Org) -> list[HandlerNote]:
    enabled: dict[int, list[EnabledNote]] = {}
    rows = Enablement.objects.filter(org=org).values_list(
        "handler", "app_kind", "app__api_name", "enabled_at", "modified_at"
    )
    for handler, kind, api_name, enabled_at, modified_at in rows:
        note = EnabledNote(
            kind=kind, api_name=api_name, enabled_at=enabled_at, modified_at=modified_at
        )
        enabled.setdefault(handler, []).append(note)
    notes = [
        HandlerNote(
            name=handler.developer_name,
            created_at=handler.created_at,
            created_by=handler.created_by.username,
            modified_at=handler.modified_at,
            modified_by=handler.modified_by.username,
            enabled=tuple(sorted(enabled.get(handler.pk, []), key=lambda note: note.key)),
        )
        for handler in TokenExchangeHandler.objects.filter(org=org).select_related(
            "created_by", "modified_by"
        )
    ]
    return sorted(notes, key=lambda note: note.name)
