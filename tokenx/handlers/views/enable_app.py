"""The two-step Enable New App wizard, its lookups, and its notices."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers import lookups
from tokenx.handlers.consequences import (
    why_class_fails,
    why_disabled,
    why_no_default,
)
from tokenx.handlers.enablement_change import change_of, settings_of
from tokenx.handlers.forms import ChooseKindForm, EnableAppForm, RunAsForm
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.why import Reason, why_user_not_found
from tokenx.org.models import ClientApp
from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.org.search.lookup import render_user_options
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.htmx import (
    close_modal,
    is_in_page,
    render_modal,
    works_without_script,
)
from tokenx.web.links import link

from .handler import handler_or_404
from .toasts import add_toast


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def enable_app(request: SetupRequest, handler_name: str) -> HttpResponse:
    """Show the Enable New App wizard. Its only state, the app's kind, is in the URL."""
    handler = handler_or_404(request, handler_name)
    choice = ChooseKindForm(request.GET if "kind" in request.GET else None)
    if not choice.is_valid():
        return _choose_kind(request, handler, choice)

    # Without JavaScript, Search submits the form to list the matches.
    is_submitted = request.method == "POST" and "find" not in request.POST
    form = EnableAppForm(
        request.POST if is_submitted else None,
        initial=request.POST.dict(),
        handler=handler,
        kind=choice.cleaned_data["kind"],
    )
    if not is_in_page(request):
        _forget_app_of_other_type(request, form)
    prefilled(form, request)
    if form.is_valid() and (enablement := form.save(by=request.user)):
        _add_enabled_toast(request, enablement)
        return close_modal(
            request,
            changed="enablements-changed",
            detail={"shown": enablement.pk},
            back_to=reverse("handlers:detail", args=[handler.developer_name]),
        )
    return render_modal(
        request,
        "handlers/_enable_app.html",
        _step_2_context(request, form),
        status=422 if form.is_bound else 200,
    )


def _forget_app_of_other_type(request: SetupRequest, form: EnableAppForm) -> None:
    """Drop an app that the user selected before going back and changing the type."""
    try:
        form.fields["app"].to_python(request.GET.get("app", ""))
    except ValidationError:
        request.GET = request.GET.copy()  # type: ignore[assignment]
        for name in ("app", "app_text"):
            request.GET.pop(name, None)  # type: ignore[misc]


def _choose_kind(
    request: SetupRequest, handler: TokenExchangeHandler, form: ChooseKindForm
) -> HttpResponse:
    context = {
        "handler": handler,
        "form": form,
        "chosen": request.GET.get("chosen", ClientApp.Kind.CONNECTED),
        # The values of step 2, so that Back loses nothing.
        "kept": {name: request.GET.get(name, "") for name in EnableAppForm.base_fields},
    }
    return render_modal(
        request,
        "handlers/_enable_app_choose_kind.html",
        context,
        status=422 if form.is_bound else 200,
    )


def _step_2_context(request: SetupRequest, form: EnableAppForm) -> dict[str, object]:
    plain = works_without_script(request)
    return {
        "handler": form.handler,
        "form": form,
        "app_lookup": lookups.app_lookup(form, request.org, plain=plain),
        "run_as_lookup": lookups.run_as_lookup(form, request.org, plain=plain),
        **notices(form, form.chosen_app),
    }


def notices(form: RunAsForm, app: ClientApp | None) -> dict[str, object]:
    """Return the context of the notices about the handler, the app, and the user."""
    user, handler = form.chosen_user, form.handler
    other_default = None
    if app:
        others = Enablement.objects.default_for(app).exclude(handler=handler)
        other_default = others.select_related("handler").first()
    return {
        "chosen_app": app,
        "other_default": other_default.handler if other_default else None,
        "person": user if user and not user.is_integration_user else None,
        "class_problem": why_class_fails(handler.apex_class),
    }


@changes_setup
@require_safe
def enable_app_notices(request: SetupRequest, handler_name: str) -> HttpResponse:
    """Refresh the notices for the selection in step 2."""
    kind = request.GET.get("kind", "")
    if kind not in ClientApp.Kind:
        raise Http404("We couldn't find that type of app.")
    form = EnableAppForm(
        initial=request.GET.dict(),
        handler=handler_or_404(request, handler_name),
        kind=kind,
    )
    context = {"handler": form.handler, **notices(form, form.chosen_app)}
    return render(request, "handlers/_notices.html", context)


@changes_setup
@require_safe
def app_lookup(request: SetupRequest, handler_name: str, kind: str) -> HttpResponse:
    """List the options of Select App: matching apps that can be enabled."""
    if kind not in ClientApp.Kind:
        raise Http404("We couldn't find that type of app.")
    handler = handler_or_404(request, handler_name)
    search_text = request.GET.get("q", "")
    options = lookups.render_app_options(handler, request.org, kind, search_text)
    return HttpResponse(options)


def _add_enabled_toast(request: SetupRequest, enablement: Enablement) -> None:
    app, handler = link(enablement.app), link(enablement.handler)
    if replaced := enablement.took_over_from:
        previous = link(replaced.handler)
        text = "{} was enabled. {} replaced {} as its default handler."
        sentence = format_html(text, app, handler, previous)
    elif enablement.is_default:
        sentence = format_html("{} was enabled. {} is its default handler.", app, handler)
    else:
        sentence = format_html("{} was enabled for {}.", app, handler)
    change = change_of(enablement, before=None, after=settings_of(enablement))
    add_toast(
        request,
        sentence,
        *consequences_of(enablement),
        # Without a default, nothing gets worse: no request of this app worked before.
        level=messages.WARNING if enablement.is_default else messages.SUCCESS,
        change_url=change.url(enablement.handler),
    )


def consequences_of(enablement: Enablement) -> list[Reason]:
    """Explain which of the app's token requests fail after the change."""
    if not enablement.is_default:
        defaults = Enablement.objects.default_for(enablement.app)
        return [] if defaults.exists() else [why_no_default(enablement.app, enablement)]
    handler = enablement.handler
    return [] if handler.is_enabled else [why_disabled(handler)]


@require_safe
def user_lookup(request: SetupRequest) -> HttpResponse:
    """List the options of Run as: the first 200 matching users."""
    search_text = request.GET.get("q", "")
    reasons = why_user_not_found(request.org, search_text)
    return HttpResponse(render_user_options(request.org, search_text, reasons))
