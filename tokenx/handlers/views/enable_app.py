"""Enable New App: a wizard of two steps, its look-up of apps, and its notices."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers import lookups
from tokenx.handlers.forms import ChooseKindForm, EnableAppForm, RunAsForm
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.why import why_default_moved, why_user_not_found
from tokenx.org.models import ClientApp
from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.org.search.lookup import render_user_options
from tokenx.web.htmx import close_modal, render_modal, wants_fragment

from .handler import handler_or_404


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def enable_app(request: SetupRequest, handler_name: str) -> HttpResponse:
    """The wizard. All that it remembers, the app's kind, is in the URL."""
    handler = handler_or_404(request, handler_name)
    choice = ChooseKindForm(request.GET if "kind" in request.GET else None)
    if not choice.is_valid():
        return _choose_kind(request, handler, choice)

    # Search, where there is no JavaScript, sends the form to see what it finds.
    is_sent = request.method == "POST" and "find" not in request.POST
    form = EnableAppForm(
        request.POST if is_sent else None,
        initial=(request.POST or request.GET).dict(),
        handler=handler,
        kind=choice.cleaned_data["kind"],
    )
    if form.is_valid() and (enablement := form.save(by=request.user)):
        messages.success(request, _what_happened(enablement))
        return close_modal(
            request,
            changed="enablements-changed",
            detail={"shown": enablement.pk},
            back_to=reverse("handlers:detail", args=[handler.developer_name]),
        )
    return render_modal(
        request,
        "handlers/_enable_app.html",
        _step_2(request, form),
        status=422 if form.is_bound else 200,
    )


def _choose_kind(
    request: SetupRequest, handler: TokenExchangeHandler, form: ChooseKindForm
) -> HttpResponse:
    context = {
        "handler": handler,
        "form": form,
        "chosen": request.GET.get("chosen", ClientApp.Kind.CONNECTED),
        # What step 2 held, so that going back loses nothing.
        "kept": {name: request.GET.get(name, "") for name in EnableAppForm.base_fields},
    }
    return render_modal(
        request,
        "handlers/_enable_app_choose_kind.html",
        context,
        status=422 if form.is_bound else 200,
    )


def _step_2(request: SetupRequest, form: EnableAppForm) -> dict[str, object]:
    plain = not wants_fragment(request)
    return {
        "handler": form.handler,
        "form": form,
        "app_lookup": lookups.app_lookup(form, request.org, plain=plain),
        "run_as_lookup": lookups.run_as_lookup(form, request.org, plain=plain),
        **notices(form, form.chosen_app),
    }


def notices(form: RunAsForm, app: ClientApp | None) -> dict[str, object]:
    """What to know about what is chosen, before Done."""
    user = form.chosen_user
    default = None
    if app:
        others = Enablement.objects.default_for(app).exclude(handler=form.handler)
        default = others.select_related("handler").first()
    return {
        "chosen_app": app,
        "other_default": default.handler if default else None,
        "person": user if user and not user.is_integration_user else None,
    }


@changes_setup
@require_safe
def enable_app_notices(request: SetupRequest, handler_name: str) -> HttpResponse:
    """The notices again, for what was just chosen in step 2."""
    kind = request.GET.get("kind", "")
    if kind not in ClientApp.Kind:
        raise Http404("There is no such type of app.")
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
    """The options of Select App: apps that match and that can be enabled here."""
    if kind not in ClientApp.Kind:
        raise Http404("There is no such type of app.")
    handler = handler_or_404(request, handler_name)
    typed = request.GET.get("q", "")
    return HttpResponse(lookups.render_app_options(handler, request.org, kind, typed))


def _what_happened(enablement: Enablement) -> str:
    app, handler = enablement.app, enablement.handler
    if moved := why_default_moved(enablement):
        return f"{app} is enabled, and {handler} is its default handler {moved.brief}."
    if enablement.is_default:
        return f"{app} is enabled, and {handler} is its default handler."
    return f"{app} is enabled for {handler}."


@require_safe
def user_lookup(request: SetupRequest) -> HttpResponse:
    """The options of Run as: the first 200 users that match what was typed."""
    typed = request.GET.get("q", "")
    reasons = why_user_not_found(request.org, typed)
    return HttpResponse(render_user_options(request.org, typed, reasons))
