"""Simulated Issuers: the list, an issuer, and its dialogs."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.bearer import server_url
from tokenx.org.claims import write_claims
from tokenx.org.models import Certificate, Issuer
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.actions import issuers as actions
from tokenx.setup.apex_runs.signers import secret_of
from tokenx.setup.apex_runs.tokens import key_id_of, published_jwks
from tokenx.setup.filters import IssuerFilter
from tokenx.setup.forms.issuers import FILL, IssuerForm
from tokenx.setup.issuer_shapes import people_of
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page, wants_fragment
from tokenx.web.links import link
from tokenx.web.listing import listing

NODE = "SimulatedIssuers"
COLUMNS = {
    "label": "Name",
    "iss": "Issuer",
    "algorithm": "Algorithm",
    "modified": "Last Modified",
}
SORTS = {"label": ["label"], "iss": ["iss"], "modified": ["modified_at"]}


@require_safe
def issuer_list(request: SetupRequest) -> HttpResponse:
    """List the identity providers that the org simulates."""
    issuers = Issuer.objects.filter(org=request.org).defer(*Issuer.SECRETS)
    context = {
        **listing(
            request.GET,
            IssuerFilter(request.GET, issuers),
            columns=COLUMNS,
            sorts=SORTS,
            default="label",
        ),
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/issuer_list.html", "setup/_issuers.html"
    return render_page(request, page, fragment, context)


@require_safe
def issuer(request: SetupRequest, issuer_name: str) -> HttpResponse:
    """Show an issuer with its addresses and public key, but never its private key."""
    shown = _issuer_or_404(request, issuer_name)
    addresses = [(Issuer.label_of(name), url) for name, url in shown.addresses.items()]
    problem = keys = ""
    try:
        keys = json.dumps({"keys": published_jwks(shown)}, indent=2)
    except ValidationError as error:
        problem = " ".join(error.messages)
    context = {
        "stamps": stamps_of(shown, shown.label),
        "issuer": shown,
        "addresses": addresses,
        "key_id": key_id_of(shown),
        "keys": keys,
        "problem": problem,
        "claims": write_claims(shown.claims),
        "people": [
            {
                "name": each["name"],
                "text": ", ".join(write_claims(each["claims"]).splitlines()),
            }
            for each in people_of(shown)
        ],
        "has_own_people": bool(shown.people),
        "certificate": _certificate_of(shown),
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/issuer.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_issuer(request: SetupRequest) -> HttpResponse:
    return _edit_issuer(request, None)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_issuer(request: SetupRequest, issuer_name: str) -> HttpResponse:
    return _edit_issuer(request, _issuer_or_404(request, issuer_name))


def _edit_issuer(request: SetupRequest, edited: Issuer | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    server = server_url(request)
    form = IssuerForm(data, org=request.org, issuer=edited, server=server)
    prefilled(form, request)
    if data is not None and data.get("do") == FILL:
        filled = form.with_addresses()
        return _show_form(request, filled, edited, 422 if filled.is_bound else 200)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was saved.", link(saved)))
        return go_to(request, saved.get_absolute_url())
    return _show_form(request, form, edited, 422 if form.is_bound else 200)


def _show_form(
    request: SetupRequest, form: IssuerForm, edited: Issuer | None, status: int
) -> HttpResponse:
    if wants_fragment(request):
        form.fill_from(request.path)
    context = {"form": form, "issuer": edited, "node": NODE}
    return render_modal(request, "setup/_edit_issuer.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def rotate_issuer_key(request: SetupRequest, issuer_name: str) -> HttpResponse:
    """Ask for confirmation, then replace the issuer's key."""
    changed, refused = _issuer_or_404(request, issuer_name), ""
    if request.method == "POST":
        try:
            actions.rotate_key(issuer=changed, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            messages.success(request, f"The key of {changed.label} was rotated.")
            return go_to(request, changed.get_absolute_url())
    context = {"issuer": changed, "refused": refused, "node": NODE}
    status = 422 if refused else 200
    return render_modal(request, "setup/_rotate_issuer_key.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def issuer_secret(request: SetupRequest, issuer_name: str) -> HttpResponse:
    """Ask for confirmation, and show the shared secret or generate a new one."""
    shown, secret, refused = _issuer_or_404(request, issuer_name), "", ""
    if request.method == "POST":
        secret = secret_of(shown)
        if not secret or request.POST.get("do") == "generate":
            try:
                secret = actions.generate_secret(issuer=shown, by=request.user)
            except ValidationError as error:
                refused = " ".join(error.messages)
    context = {"issuer": shown, "secret": secret, "refused": refused, "node": NODE}
    status = 422 if refused else 200
    return render_modal(request, "setup/_issuer_secret.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_issuer(request: SetupRequest, issuer_name: str) -> HttpResponse:
    """Ask for confirmation, then delete the issuer and its key."""
    deleted = _issuer_or_404(request, issuer_name)
    if request.method == "POST":
        actions.delete_issuer(issuer=deleted, by=request.user)
        messages.success(request, f"{deleted.label} was deleted.")
        return go_to(request, reverse("setup:issuer-list"))
    context = {"issuer": deleted, "node": NODE}
    return render_modal(request, "setup/_delete_issuer.html", context)


def _certificate_of(issuer: Issuer) -> Certificate | None:
    """Return the certificate whose key signs the issuer's tokens."""
    if not issuer.certificate_name:
        return None
    rows = Certificate.objects.filter(org=issuer.org_id)
    return rows.filter(name__iexact=issuer.certificate_name).first()


def _issuer_or_404(request: SetupRequest, issuer_name: str) -> Issuer:
    issuers = Issuer.objects.all()
    return found_or_404(issuers, "simulated issuer", org=request.org, name=issuer_name)
