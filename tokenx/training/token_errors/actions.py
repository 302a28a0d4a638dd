"""Reproducing token errors: an org in which an exchange succeeds, and then one fault."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.handlers.models import Enablement
from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.oauth.decisions import TOKEN_EXCHANGE
from tokenx.oauth.exchange import exchange
from tokenx.oauth.grant import Decided
from tokenx.oauth.token_request import Client, TokenRequest
from tokenx.org import audit
from tokenx.org.models import Org, User
from tokenx.setup.apex_runs.recipes import TokenRecipe, mint_recipe
from tokenx.setup.forms.run_apex_class import likely_issuer
from tokenx.training.practice.removal import clear_org
from tokenx.training.scenarios.build import fill
from tokenx.training.scenarios.catalogue import find_scenario
from tokenx.training.snapshots.actions import save_snapshot

from .faults import ORG_FAULTS, REQUEST_FAULTS, WorkingExchange
from .guide import TokenError

SCENARIO = "first-steps"


@transaction.atomic
def reproduce_token_error(*, error: TokenError, saves_state: bool, by: User) -> None:
    """Replace the org's contents with the scenario, and bring it into the error's state.

    With `saves_state`, save a snapshot of the org first. Raise ValidationError if that
    isn't possible, or if tokenx can't reproduce the error.
    """
    if not error.fault:
        raise ValidationError(error.why_not)
    org = Org.objects.locked(by.org_id)
    if saves_state:
        moment = f"{timezone.now():%Y-%m-%d %H:%M:%S}"
        save_snapshot(org=org, name=f"Before {error.key}, {moment} UTC", by=by)
    clear_org(org, owner=by)
    fill(org, find_scenario(SCENARIO), owner=by)
    if change := ORG_FAULTS.get(error.fault):
        change(_working_exchange(by), by)
    audit.record(
        by=by,
        action="reproducedTokenError",
        section="Training",
        display=f"Replaced the org's contents to reproduce the token error {error.text}",
    )


def send_request(*, error: TokenError, by: User, server_url: str) -> Decided:
    """Send the request that fails with the error, to the org. Nothing is kept.

    Raise ValidationError if the org has no app or issuer for it.
    """
    enablement = _enablement(by.org)
    request = _request(enablement, by, server_url)
    if change := REQUEST_FAULTS.get(error.fault):
        request = change(enablement, request)
    return exchange(request, commit=False)


def _working_exchange(by: User) -> WorkingExchange:
    """Return the exchange of a scenario's org, with the user that its token is about."""
    enablement = _enablement(by.org)
    decided = exchange(_request(enablement, by, "https://localhost"), commit=False)
    if decided.grant.user is None:
        raise ValidationError("The server is busy with other runs. Try again in a moment.")
    return WorkingExchange(enablement, decided.grant.user)


def _enablement(org: Org) -> Enablement:
    rows = Enablement.objects.filter(org=org).select_related(
        "app", "handler__apex_class", "run_as"
    )
    found = rows.order_by("pk").first()
    if found is None:
        raise ValidationError(
            "No app is enabled for a handler in this org. Reproduce the error first."
        )
    return found


def _request(enablement: Enablement, by: User, server_url: str) -> TokenRequest:
    """Return the request that Try It would send first."""
    handler = enablement.handler
    issuer = likely_issuer(handler.apex_class)
    if issuer is None:
        raise ValidationError(
            "This org has no simulated issuer that can sign a token. Reproduce the "
            "error first."
        )
    token_type = next(
        (each for each in TOKEN_TYPES if each.is_taken_by(handler)), TOKEN_TYPES[0]
    )
    recipe = TokenRecipe(issuer=issuer.name, token_type=token_type.value)
    return TokenRequest(
        client=Client(server_url),
        grant_type=TOKEN_EXCHANGE,
        client_id=enablement.app.consumer_key,
        subject_token=mint_recipe(by.org, recipe),
        subject_token_type=token_type.urn,
        setup_org=by.org_id,
        acts_for_app=True,
    )
