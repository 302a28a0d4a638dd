"""Actions on remote sites."""

from typing import NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.org import audit
from tokenx.org.models import Org, RemoteSite, User
from tokenx.web.local_formats import format_number

SECTION = "Security Controls"
MAX_REMOTE_SITES = 1_000


class RemoteSiteValues(TypedDict):
    """The fields of a remote site that can be edited."""

    url: str
    is_active: bool
    description: NotRequired[str]
    disables_protocol_security: NotRequired[bool]


@transaction.atomic
def create_remote_site(
    *, name: str, by: User, **values: Unpack[RemoteSiteValues]
) -> RemoteSite:
    """Add a remote site.

    Raise ValidationError, by field, if a value is invalid or the name is in use, and
    without a field if the org has too many.
    """
    Org.objects.locked(by.org_id)
    site = RemoteSite(org_id=by.org_id, name=name, **values)
    _validate(site)
    if RemoteSite.objects.filter(org=by.org_id).count() >= MAX_REMOTE_SITES:
        raise ValidationError(
            f"This org already has {format_number(MAX_REMOTE_SITES)} remote sites, the "
            "limit. Delete one first."
        )
    site.save()
    _record(by, "insert", site)
    return site


@transaction.atomic
def edit_remote_site(
    *, site: RemoteSite, name: str, by: User, **values: Unpack[RemoteSiteValues]
) -> RemoteSite:
    """Change a remote site. Raise ValidationError as create_remote_site() does."""
    Org.objects.locked(site.org_id)
    current = RemoteSite.objects.filter(org=site.org_id, pk=site.pk).first()
    if current is None:
        raise ValidationError(f"{site.name} was already deleted.")
    wanted = {"name": name, **values}
    if all(getattr(current, field) == value for field, value in wanted.items()):
        return current
    for field, value in wanted.items():
        setattr(current, field, value)
    _validate(current)
    current.modified_at = timezone.now()
    current.save()
    _record(by, "update", current)
    return current


@transaction.atomic
def delete_remote_site(*, site: RemoteSite, by: User) -> None:
    """Delete a remote site. Apex can't call it anymore."""
    deleted, _ = RemoteSite.objects.filter(org=site.org_id, pk=site.pk).delete()
    if deleted:
        _record(by, "delete", site)


def _validate(site: RemoteSite) -> None:
    site.clean_fields()
    try:
        site.validate_constraints()
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error


def _record(by: User, verb: str, site: RemoteSite) -> None:
    """Record the change as Salesforce does: docs/salesforce/product.md, Remote sites."""
    display = f"Remote Proxy {verb} {site.name}: {site.url}"
    audit.record(by=by, action="remoteproxy", section=SECTION, display=display)
