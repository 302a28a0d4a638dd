"""Try It: exchanges a token, and shows each decision about it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tokenx.apex.runtime.trace import Trace
from tokenx.oauth.exchange import exchange
from tokenx.oauth.forms.try_it import TryItForm
from tokenx.oauth.shown_exchange import ShownExchange, shown_exchange
from tokenx.oauth.token_request import TokenRequest, client_of, read_pairs
from tokenx.org.permissions import READ_ONLY, SetupRequest, can_change_setup
from tokenx.web.dialogs import prefilled
from tokenx.web.htmx import wants_fragment

# Values of the buttons, and of fields that change others.
EXCHANGE, CHECK = "exchange", "check"


@sensitive_post_parameters("incoming_token", "client_secret", "changed_parameters")
@require_http_methods(["GET", "HEAD", "POST"])
def try_it(request: SetupRequest) -> HttpResponse:
    """Show the form, or exchange its token and show the result."""
    can_change = can_change_setup(request.user)
    if request.method == "POST" and not can_change:
        raise PermissionDenied(READ_ONLY)
    data = request.POST if request.method == "POST" else None
    form = TryItForm(data, user=request.user, query=request.GET.dict())
    prefilled(form, request)
    context: dict[str, Any] = {"form": form, "can_change": can_change}
    do = request.POST.get("do", "")
    if data is not None and do not in {EXCHANGE, CHECK}:
        return _page(request, context | {"form": form.updated(do)})
    if not form.is_valid() or (token := form.token()) is None:
        return _page(request, context, 422 if form.is_bound else 200)
    outcome = _exchanged(request, form, token, is_check=do == CHECK)
    refusal = outcome.decided.refusal
    if refusal is None or not refusal.retry_after:
        return _page(request, context | {"outcome": outcome})
    form.add_error(None, refusal.reason)
    response = _page(request, context, refusal.status)
    response["Retry-After"] = str(refusal.retry_after)
    return response


def _exchanged(
    request: SetupRequest, form: TryItForm, token: str, *, is_check: bool
) -> ShownExchange:
    has_assignments = form.cleaned_data["shows_assignments"]
    parameters = form.parameters(token)
    base = TokenRequest(
        client_of(request), setup_org=request.org.pk, acts_for_app=form.acts_for_app
    )
    decided = exchange(
        read_pairs(base, parameters),
        commit=not is_check,
        trace=Trace(with_variables=has_assignments),
    )
    return shown_exchange(
        decided,
        parameters=parameters,
        is_check=is_check,
        has_assignments=has_assignments,
    )


def _page(
    request: SetupRequest, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    name = "_try_it" if wants_fragment(request) else "try_it"
    return render(request, f"oauth/{name}.html", context, status=status)
