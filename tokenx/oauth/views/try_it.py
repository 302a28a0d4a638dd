"""Try It: exchanges a token, and shows each decision about it."""

import json
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tokenx.apex.runtime.trace import Trace
from tokenx.oauth.exchange import exchange
from tokenx.oauth.forms.examples import SaveExampleForm
from tokenx.oauth.forms.token_fixes import fix_of
from tokenx.oauth.forms.try_it import TryItForm, entries_of_example
from tokenx.oauth.shown_exchange import ShownExchange, shown_exchange
from tokenx.oauth.shown_token import shown_token
from tokenx.oauth.token_request import TokenRequest, client_of, read_pairs
from tokenx.org.models import ExchangeExample
from tokenx.org.permissions import READ_ONLY, SetupRequest, can_change_setup
from tokenx.setup.forms.mint import one_click
from tokenx.web.dialogs import prefilled
from tokenx.web.errors import found_or_404
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
    data = one_click(request.POST, EXCHANGE) if request.method == "POST" else None
    form = TryItForm(
        data,
        user=request.user,
        query=request.GET.dict(),
        initial=_entries_of_example(request),
    )
    prefilled(form, request)
    if not can_change:
        form.disable()
    context: dict[str, Any] = {"form": form, "can_change": can_change}
    do = data.get("do", "") if data is not None else ""
    if data is not None and do not in {EXCHANGE, CHECK}:
        return _page(request, context | {"form": form.updated(do)})
    if not form.is_valid() or (token := form.token()) is None:
        return _page(request, context, 422 if form.is_bound else 200)
    outcome = _exchanged(request, form, token, is_check=do == CHECK)
    refusal = outcome.decided.refusal
    if refusal is None or not refusal.retry_after:
        context |= {"outcome": outcome, "token": shown_token(request.org, token)}
        return _page(request, context | _example_form(form, outcome))
    form.add_error(None, refusal.reason)
    response = _page(request, context, refusal.status)
    response["Retry-After"] = str(refusal.retry_after)
    return response


def _entries_of_example(request: SetupRequest) -> dict[str, Any]:
    """Return the entries that run the example in the page's address."""
    name = request.GET.get("example", "")
    if not name or request.method == "POST":
        return {}
    rows = ExchangeExample.objects.all()
    pk = int(name) if name.isdecimal() and len(name) < 19 else 0
    example = found_or_404(rows, "example", org=request.org, pk=pk)
    try:
        return entries_of_example(example, request.org)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return {}


def _example_form(form: TryItForm, outcome: ShownExchange) -> dict[str, Any]:
    """Return the form that saves the result as an example, or why there's none."""
    if reason := form.why_no_example:
        return {"why_no_example": reason}
    draft = form.example_values() | outcome.expected_values
    return {"example_form": SaveExampleForm(initial={"draft": json.dumps(draft)})}


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
        fix_in_form=partial(fix_of, form),
    )


def _page(
    request: SetupRequest, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    form = context["form"]
    if form.pasted_token:
        context = context | {"pasted": shown_token(request.org, form.pasted_token)}
    name = "_try_it" if wants_fragment(request) else "try_it"
    return render(request, f"oauth/{name}.html", context, status=status)
