"""Token exchange examples, with their expected responses."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from tokenx.oauth.actions import examples as actions
from tokenx.oauth.examples import last_change, run, shown_examples
from tokenx.oauth.forms.examples import EditExampleForm, SaveExampleForm
from tokenx.oauth.token_request import client_of
from tokenx.org.models import ExchangeExample
from tokenx.org.permissions import READ_ONLY, SetupRequest, can_change_setup, changes_setup
from tokenx.setup.apex_runs.places import RETRY_AFTER
from tokenx.web.dialogs import Key, dialog_of, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page, wants_fragment
from tokenx.web.text import count_of

NODE = "TryIt"
COLUMNS = ["Name", "App", "Handler", "Expected Response", "Last Result", "Last Run"]
# Without JavaScript, one request runs as many examples as this time allows.
RUN_FOR = timedelta(seconds=5)
# With JavaScript, an example without a place is tried again this often.
MAX_TRIES = 5
BUSY = "The server is busy with other runs. Try again in a moment."


class ExampleKey(Key):
    """Names an example by its name, which is the same in every practice org."""

    name = "example_id"
    fields = ("example",)

    def names_of(self, request: SetupRequest, keys: Mapping[str, Any]) -> dict[str, str]:
        return {"example": _example_or_404(request, keys["example_id"]).name}

    def find(
        self, request: SetupRequest, keys: Mapping[str, Any], fields: Mapping[str, str]
    ) -> int:
        rows = ExchangeExample.objects.filter(org=request.org)
        return found_or_404(rows, "example", name__iexact=fields["example"]).pk


@require_http_methods(["GET", "HEAD", "POST"])
def example_list(request: SetupRequest) -> HttpResponse:
    """List the org's examples with their last results. Only a POST request runs them."""
    if request.method != "POST":
        return _list(request)
    if not can_change_setup(request.user):
        raise PermissionDenied(READ_ONLY)
    return _run_all(request)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def run_example(request: SetupRequest, example_id: int) -> HttpResponse:
    """Run an example, and show its result in the list."""
    example = _example_or_404(request, example_id)
    if request.method != "POST":
        return _list(request)
    if not run(example, org=request.org, client=client_of(request)):
        messages.error(request, BUSY)
    return _list(request) if wants_fragment(request) else redirect("oauth:example-list")


def _run_all(request: SetupRequest) -> HttpResponse:
    """Run all examples: with JavaScript, one per request, so that none takes long."""
    if not wants_fragment(request):
        _run_for_a_while(request)
        return redirect("oauth:example-list")
    now = timezone.now()
    started = _moment(request.POST.get("started", "")) or now
    if started > now:
        started = now
    tries = 0
    waiting = _waiting(request, started)
    example = waiting.order_by("name", "pk").first()
    if example and not run(example, org=request.org, client=client_of(request)):
        tries = _number(request.POST.get("tries", "")) + 1
    remaining = waiting.count()
    if tries >= MAX_TRIES:
        messages.error(request, BUSY)
        remaining = 0
    running: dict[str, Any] = {
        "started": started.isoformat(),
        "tries": tries,
        "delay": f"{RETRY_AFTER}s" if tries else "1ms",
        "remaining": remaining,
    }
    return _list(request, {"running": running} if remaining else {})


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def save_example(request: SetupRequest) -> HttpResponse:
    """Save a result of Try It as an example. Without a result, link to Try It."""
    data = request.POST if request.method == "POST" else None
    form = SaveExampleForm(data)
    if form.is_valid() and (saved := form.save(by=request.user)):
        url = reverse("oauth:example-list")
        text = format_html('{} was saved. <a href="{}">View examples</a>', saved.name, url)
        messages.success(request, text)
        if wants_fragment(request):
            return render(request, "oauth/_save_example.html", {"saved": saved})
        return redirect(url)
    context = {"form": form, "node": NODE}
    status = 422 if form.is_bound else 200
    page, fragment = "oauth/save_example.html", "oauth/_save_example.html"
    name = fragment if wants_fragment(request) else page
    return render(request, name, context, status=status)


@dialog_of(ExampleKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_example(request: SetupRequest, example_id: int) -> HttpResponse:
    """Change an example's name and expected response."""
    example = _example_or_404(request, example_id)
    data = request.POST if request.method == "POST" else None
    form = prefilled(EditExampleForm(data, example=example), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, f"{saved.name} was saved.")
        return go_to(request, reverse("oauth:example-list"))
    context = {"form": form, "example": example, "node": NODE}
    status = 422 if form.is_bound else 200
    return render_modal(request, "oauth/_edit_example.html", context, status)


@dialog_of(ExampleKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_example(request: SetupRequest, example_id: int) -> HttpResponse:
    """Ask for confirmation, then delete the example."""
    example = _example_or_404(request, example_id)
    if request.method == "POST":
        actions.delete_example(example=example, by=request.user)
        messages.success(request, f"{example.name} was deleted.")
        return go_to(request, reverse("oauth:example-list"))
    context = {"example": example, "node": NODE}
    return render_modal(request, "oauth/_delete_example.html", context)


def _list(request: SetupRequest, more: Mapping[str, Any] | None = None) -> HttpResponse:
    rows = shown_examples(request.org)
    context = {
        "rows": rows,
        "columns": COLUMNS,
        "can_change": can_change_setup(request.user),
        "changed_at": last_change(request.org),
        "stale": sum(row.is_stale or not row.has_run for row in rows),
        "failed": sum(row.has_run and not row.has_passed for row in rows),
        **(more or {}),
    }
    page, fragment = "oauth/example_list.html", "oauth/_examples.html"
    return render_page(request, page, fragment, context)


def _run_for_a_while(request: SetupRequest) -> None:
    """Run examples for some seconds, those that ran longest ago first, and say how many."""
    rows = ExchangeExample.objects.filter(org=request.org)
    examples = list(rows.order_by(F("ran_at").asc(nulls_first=True), "pk"))
    client, until, count = client_of(request), monotonic() + RUN_FOR.total_seconds(), 0
    for example in examples:
        if count and monotonic() > until:
            break
        if not run(example, org=request.org, client=client):
            messages.error(request, BUSY)
            break
        count += 1
    if count < len(examples):
        text = f"Ran {count} of {count_of(len(examples), 'example')}. "
        messages.success(request, f"{text}To run the others, select Run All again.")
    else:
        messages.success(request, f"Ran {count_of(count, 'example')}.")


def _waiting(request: SetupRequest, started: datetime) -> Any:
    """Return the examples that haven't run since a time."""
    rows = ExchangeExample.objects.filter(org=request.org)
    return rows.filter(Q(ran_at=None) | Q(ran_at__lt=started))


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text[:40])
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 3 else 0


def _example_or_404(request: SetupRequest, example_id: int) -> ExchangeExample:
    rows = ExchangeExample.objects.all()
    return found_or_404(rows, "example", org=request.org, pk=example_id)
