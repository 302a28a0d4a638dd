"""The files and zips of a folder, such as a container's `init/`, deployed at start-up.

Each is deployed again only after its content changes. The hashes are rows of the org, so
they're deleted with its contents when it's reset or removed.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.limits import MAX_ZIP_SIZE
from tokenx.metadata.models import Deployment, InitFile, Source, Status
from tokenx.metadata.package.components import META
from tokenx.org.models import Org, User
from tokenx.web.limits import CHUNK

from .actions import Options, queue_deployment
from .uploads import receive_path, receive_separate_files

MAX_INIT_FILES = 200
MAX_NAME = 200


@dataclass(frozen=True)
class InitEntry:
    """A file, or both files of an Apex class, which are deployed together."""

    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        return self.paths[0].name

    def sha256(self) -> str:
        """Return the hash of the names and contents. Raises OSError."""
        digest = hashlib.sha256()
        for path in self.paths:
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            # Larger files are refused, so the rest doesn't matter.
            left = MAX_ZIP_SIZE + 1
            with path.open("rb") as stream:
                while left > 0 and (data := stream.read(min(CHUNK, left))):
                    digest.update(data)
                    left -= len(data)
        return digest.hexdigest()


def entries_in(folder: Path) -> tuple[list[InitEntry], list[str]]:
    """Return what to deploy, by name, and a sentence about each path that's skipped.

    Hidden files are ignored. Raises OSError if the folder can't be read.
    """
    skipped, files = [], {}
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        if path.name.startswith("."):
            continue
        if not path.name.isprintable() or len(path.name) > MAX_NAME:
            skipped.append(f"{path} was skipped. Rename it.")
        elif path.is_file():
            files[path.name] = path
        elif path.is_dir():
            skipped.append(f"{path} was skipped. Put the folder's files into a .zip file.")
        else:
            skipped.append(f"{path} was skipped. It isn't a regular file.")
    entries = []
    for name, path in files.items():
        if name.removesuffix(META) in files and name.endswith(META):
            continue  # It belongs to the file before it.
        meta = files.get(name + META)
        entries.append(InitEntry((path, meta) if meta else (path,)))
    if len(entries) > MAX_INIT_FILES:
        skipped.append(f"Only the first {MAX_INIT_FILES} files in {folder} are deployed.")
    return entries[:MAX_INIT_FILES], skipped


@transaction.atomic
def queue_changed_file(*, entry: InitEntry, by: User) -> Deployment | None:
    """Queue a deployment of the file, or return None if it hasn't changed.

    The hash is saved together with the deployment, which a killed process leaves in the
    queue. A file that can't be received is a failed deployment.
    """
    Org.objects.locked(by.org_id)
    row = InitFile.objects.filter(org=by.org_id, name=entry.name).first()
    try:
        sha256 = entry.sha256()
        if row and row.sha256 == sha256:
            return None
        with transaction.atomic():
            deployment = queue_deployment(
                source=_receive(entry, by), options=Options(ignore_warnings=True), by=by
            )
    except OSError as error:
        # It can be readable at the next start.
        return _refused(entry, [f"The file can't be read: {error.strerror}."], by)
    except ValidationError as error:
        deployment = _refused(entry, error.messages, by)
    except MetadataError as error:
        deployment = _refused(entry, [str(problem) for problem in error.problems], by)
    row = row or InitFile(org_id=by.org_id, name=entry.name)
    row.sha256 = sha256
    row.save()
    return deployment


@transaction.atomic
def forget_other_files(*, entries: list[InitEntry], by: User) -> None:
    """Delete the hashes of files that are no longer in the folder."""
    names = [entry.name for entry in entries]
    InitFile.objects.filter(org=by.org_id).exclude(name__in=names).delete()


def _receive(entry: InitEntry, by: User) -> Source:
    if len(entry.paths) == 1:
        return receive_path(path=entry.paths[0], by=by)
    return receive_separate_files(paths=entry.paths, name=f"{entry.name}.zip", by=by)


def _refused(entry: InitEntry, reasons: list[str], by: User) -> Deployment:
    """Record a deployment that failed before it started, for Deployment Status."""
    source = Source.objects.create(org_id=by.org_id, name=entry.name, created_by=by)
    deployment = queue_deployment(source=source, options=Options(), by=by)
    deployment.status, deployment.completed_at = Status.FAILED, timezone.now()
    deployment.error_message = "\n".join(reasons)
    deployment.error_code = "UNKNOWN_EXCEPTION"
    deployment.save()
    return deployment
