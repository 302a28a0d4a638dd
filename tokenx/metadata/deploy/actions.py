"""Actions on deployments: store a source, queue a deployment, and cancel it."""

import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import IO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.metadata.limits import MAX_ZIP_SIZE, MAX_ZIP_SIZE_TEXT
from tokenx.metadata.models import (
    DONE,
    KEPT_FOR,
    ComponentMessage,
    Deployment,
    Retrieval,
    Source,
    SourceChunk,
    Status,
)
from tokenx.org.models import User
from tokenx.web.limits import IN_MEMORY

from .progress import progress_of

_CHUNK = 256 * 1024
UNUSED_KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Options:
    """The DeployOptions of docs/salesforce/product.md, Deployment options."""

    check_only: bool = False
    rollback_on_error: bool = True
    ignore_warnings: bool = False
    purge_on_delete: bool = False
    single_package: bool | None = None
    test_level: str = ""


@transaction.atomic
def receive_source(*, stream: IO[bytes], name: str, by: User) -> Source:
    """Store an upload. Raises ValidationError if it's too large or empty."""
    source = Source.objects.create(org_id=by.org_id, name=name[-255:], created_by=by)
    stream.seek(0)
    number = 0
    while data := stream.read(_CHUNK):
        source.size += len(data)
        if source.size > MAX_ZIP_SIZE:
            raise ValidationError(f"{name} is too large. The limit is {MAX_ZIP_SIZE_TEXT}.")
        SourceChunk.objects.create(
            org_id=by.org_id, source=source, number=number, data=data
        )
        number += 1
    if not source.size:
        raise ValidationError(f"{name} is empty.")
    source.save(update_fields=["size"])
    return source


def receive_files(
    *, files: Iterable[tuple[str, Callable[[], IO[bytes]]]], name: str, by: User
) -> Source:
    """Store several files as one zip. Raises the same errors as receive_source()."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spooled:
        with zipfile.ZipFile(spooled, "w", zipfile.ZIP_DEFLATED) as archive:
            for file_name, open_file in files:
                with open_file() as stream, archive.open(file_name, "w") as target:
                    while data := stream.read(_CHUNK):
                        target.write(data)
        return receive_source(stream=spooled, name=name, by=by)


@transaction.atomic
def queue_deployment(*, source: Source, options: Options, by: User) -> Deployment:
    """Add a deployment to the end of its org's queue. queue.wake() runs the queue."""
    remove_old(by.org_id)
    return Deployment.objects.create(
        org_id=by.org_id, source=source, created_by=by, **vars(options)
    )


def cancel_deployment(*, deployment: Deployment, by: User) -> None:
    """Cancel a deployment, unless it's done. A running one is rolled back.

    The flag in memory is set first, because on SQLite a running deployment holds the only
    write lock.
    """
    if progress := progress_of(deployment.pk):
        progress.canceled.set()
    now = timezone.now()
    rows = Deployment.objects.filter(org=deployment.org_id, pk=deployment.pk)
    rows.filter(status=Status.PENDING).update(
        status=Status.CANCELED, canceled_by=by, completed_at=now, modified_at=now
    )
    rows.filter(status=Status.IN_PROGRESS).update(
        status=Status.CANCELING, canceled_by=by, modified_at=now
    )
    # A deployment that stopped on the flag doesn't have its user yet.
    rows.filter(status=Status.CANCELED, canceled_by=None).update(canceled_by=by)


def remove_old(org: int) -> None:
    """Delete old deployments and retrievals, and sources unused for a day."""
    now = timezone.now()
    old = Deployment.objects.filter(org=org, created_at__lt=now - KEPT_FOR, status__in=DONE)
    pks = list(old.values_list("pk", flat=True))
    ComponentMessage.objects.filter(org=org, deployment__in=pks).delete()
    old.filter(pk__in=pks).delete()
    Retrieval.objects.filter(org=org, created_at__lt=now - KEPT_FOR).delete()
    used = Deployment.objects.filter(org=org).values("source")
    unused = Source.objects.filter(org=org, created_at__lt=now - UNUSED_KEPT_FOR)
    unused = unused.exclude(pk__in=used)
    SourceChunk.objects.filter(org=org, source__in=unused).delete()
    unused.delete()
