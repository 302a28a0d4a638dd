"""Certificate and Key Management: the list, a certificate, and its dialogs."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.models import Certificate
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.actions import certificates as actions
from tokenx.setup.filters import CertificateFilter
from tokenx.setup.forms.certificates import (
    EditCertificateForm,
    NewCertificateForm,
    UploadCertificateForm,
)
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page
from tokenx.web.links import link
from tokenx.web.listing import listing

NODE = "CertificatesAndKeysManagement"
COLUMNS = {
    "label": "Label",
    "name": "Unique Name",
    "type": "Type",
    "key_size": "Key Size",
    "expires": "Expiration Date",
}
SORTS = {
    "label": ["label"],
    "name": ["name"],
    "key_size": ["key_size", "label"],
    "expires": ["expires_at", "label"],
}


@require_safe
def certificate_list(request: SetupRequest) -> HttpResponse:
    """List the org's certificates, and say which ones expired."""
    certificates = Certificate.objects.filter(org=request.org).defer("pem", "sealed_key")
    context = {
        **listing(
            request.GET,
            CertificateFilter(request.GET, certificates),
            columns=COLUMNS,
            sorts=SORTS,
            default="label",
        ),
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/certificate_list.html", "setup/_certificates.html"
    return render_page(request, page, fragment, context)


@require_safe
def certificate(request: SetupRequest, certificate_name: str) -> HttpResponse:
    """Show a certificate, but never its private key."""
    shown = _certificate_or_404(request, certificate_name)
    context = {
        "certificate": shown,
        "stamps": stamps_of(shown, shown.label),
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/certificate.html", context)


@require_safe
def download_certificate(request: SetupRequest, certificate_name: str) -> HttpResponse:
    """Download the certificate or its chain in PEM format, without a private key."""
    shown = _certificate_or_404(request, certificate_name)
    disposition = f'attachment; filename="{shown.name}.crt"'
    return HttpResponse(
        shown.pem,
        content_type="application/x-x509-ca-cert",
        headers={"Content-Disposition": disposition},
    )


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_certificate(request: SetupRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = prefilled(NewCertificateForm(data), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was created.", link(saved)))
        return go_to(request, reverse("setup:certificate", args=[saved.name]))
    context = {"form": form, "certificate": None, "node": NODE}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_certificate.html", context, status)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def upload_certificate(request: SetupRequest) -> HttpResponse:
    """Add a certificate from a file. The page says so if it's expired."""
    is_post = request.method == "POST"
    data, files = (request.POST, request.FILES) if is_post else (None, None)
    form = UploadCertificateForm(data, files)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was uploaded.", link(saved)))
        return redirect(saved)
    status = 422 if form.is_bound else 200
    return render(request, "setup/upload_certificate.html", {"form": form}, status=status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_certificate(request: SetupRequest, certificate_name: str) -> HttpResponse:
    edited = _certificate_or_404(request, certificate_name)
    data = request.POST if request.method == "POST" else None
    form = prefilled(EditCertificateForm(data, certificate=edited), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was saved.", link(saved)))
        return go_to(request, reverse("setup:certificate", args=[saved.name]))
    context = {"form": form, "certificate": edited, "node": NODE}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_certificate.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_certificate(request: SetupRequest, certificate_name: str) -> HttpResponse:
    """Ask for confirmation, then delete the certificate and its private key."""
    deleted = _certificate_or_404(request, certificate_name)
    if request.method == "POST":
        actions.delete_certificate(certificate=deleted, by=request.user)
        messages.success(request, f"{deleted.label} was deleted.")
        return go_to(request, reverse("setup:certificate-list"))
    context = {"certificate": deleted, "node": NODE}
    return render_modal(request, "setup/_delete_certificate.html", context)


def _certificate_or_404(request: SetupRequest, certificate_name: str) -> Certificate:
    return found_or_404(
        Certificate.objects.all(), "certificate", org=request.org, name=certificate_name
    )
