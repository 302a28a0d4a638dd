"""The page behind Show as metadata: one change in Setup, and the same change in a file."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tokenx.handlers.enablement_change import EnablementChange, Settings, read_change
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.handlers.views.handler import handler_or_404
from tokenx.metadata.format.writer import write_enablements
from tokenx.org.models import ClientApp
from tokenx.org.permissions import SetupRequest

ADDED, REMOVED = "added", "removed"


class Line(NamedTuple):
    """A line of a handler's file; `mark` says whether the change adds or removes it."""

    text: str
    mark: str = ""


class FileChange(NamedTuple):
    """The lines of one handler's file that a change concerns."""

    handler_name: str
    lines: list[Line]

    @property
    def file_name(self) -> str:
        return f"{self.handler_name}.oauthtokenexchangehandler"

    @property
    def task(self) -> str:
        marks = {line.mark for line in self.lines}
        return {frozenset({ADDED}): "add", frozenset({REMOVED}): "delete"}.get(
            frozenset(marks), "change"
        )


@require_safe
def enablement_change(request: SetupRequest, handler_name: str) -> HttpResponse:
    """Show a change in Setup next to the lines of the file that make the same change."""
    handler = handler_or_404(request, handler_name)
    change = read_change(request.GET.get("change", ""), handler)
    if change is None:
        raise Http404("We couldn't find that change. Open View Metadata to see the file.")
    files = list(_files(handler, change))
    context = {
        "handler": handler,
        "change": change,
        "kind": ClientApp.Kind(change.kind).label,
        "files": files,
        "command": _command(files),
    }
    return render(request, "metadata/retrieve/enablement_change.html", context)


def _files(handler: TokenExchangeHandler, change: EnablementChange) -> Iterator[FileChange]:
    """Yield the handler's file, and that of the handler that was the app's default."""
    lines = _compare(change, change.before, change.after)
    yield FileChange(handler.developer_name, lines)
    if change.replaced_handler:
        username = change.replaced_username
        before, after = Settings(username, True), Settings(username, False)
        yield FileChange(change.replaced_handler, _compare(change, before, after))


def _compare(
    change: EnablementChange, before: Settings | None, after: Settings | None
) -> list[Line]:
    """Return the block's lines. A line that differs is there twice, old and new."""
    lines = []
    for old, new in zip_longest(_block(change, before), _block(change, after)):
        if old == new:
            lines.append(Line(old))
            continue
        if old is not None:
            lines.append(Line(old, REMOVED))
        if new is not None:
            lines.append(Line(new, ADDED))
    return lines


def _block(change: EnablementChange, settings: Settings | None) -> list[str]:
    if settings is None:
        return []
    element = "connectedApp" if change.is_connected else "externalClientApp"
    row = (element, change.api_name, settings.username, settings.is_default)
    return write_enablements([row]).splitlines()


def _command(files: list[FileChange]) -> str:
    """Return the command that deploys the files from a Salesforce CLI project."""
    members = [
        f"--metadata OauthTokenExchangeHandler:{file.handler_name}" for file in files
    ]
    return " ".join(["sf project deploy start", *members])
