"""Runs of token exchange examples. A run is only a check, and saves no exchange."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from tokenx.handlers.token_types import type_of_value
from tokenx.oauth.actions.examples import ACTIONS, keep_result
from tokenx.oauth.decisions import TOKEN_EXCHANGE
from tokenx.oauth.errors import NO_PLACE
from tokenx.oauth.exchange import exchange
from tokenx.oauth.token_request import Client, TokenRequest, read_pairs
from tokenx.org.models import AuditEntry, ClientApp, ExchangeExample, Org
from tokenx.setup.apex_runs.recipes import mint_recipe, recipe_from_json

# The result if the token can't be minted: no client gets this error.
NOT_MINTED = "token not minted"


@dataclass(frozen=True)
class ShownExample:
    """An example with its last result. `changed_at` is the org's last change in Setup."""

    example: ExchangeExample
    changed_at: datetime | None

    @property
    def has_run(self) -> bool:
        return self.example.ran_at is not None

    @property
    def is_stale(self) -> bool:
        """Tell whether Setup changed since the last run."""
        ran_at = self.example.ran_at
        return bool(ran_at and self.changed_at and self.changed_at > ran_at)

    @property
    def has_passed(self) -> bool:
        """Tell whether the last result is the expected one."""
        return self.has_run and not self.differences

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Return each difference: its name, the expected value, and the last value."""
        row = self.example
        pairs = [("Error", row.expected_error, row.actual_error)]
        # A blank description or user stands for any.
        if row.expected_error == row.actual_error:
            for name, expected, actual in [
                ("Description", row.expected_description, row.actual_description),
                ("User", row.expected_username, row.actual_username),
            ]:
                pairs.append((name, expected or actual, actual))
        return [each for each in pairs if each[1] != each[2]]

    @property
    def expected(self) -> str:
        row = self.example
        return answer_in_words(
            row.expected_error, row.expected_description, row.expected_username
        )

    @property
    def actual(self) -> str:
        row = self.example
        return answer_in_words(
            row.actual_error, row.actual_description, row.actual_username
        )


def answer_in_words(error: str, description: str, username: str) -> str:
    """Return an expected or actual response as pages show it."""
    if error:
        return f"{error}: {description}" if description else error
    return f"A token for {username}" if username else "A token"


def shown_examples(org: Org) -> list[ShownExample]:
    """Return the org's examples by name."""
    changed_at = last_change(org)
    rows = ExchangeExample.objects.filter(org=org).order_by("name", "pk")
    return [ShownExample(row, changed_at) for row in rows]


def last_change(org: Org) -> datetime | None:
    """Return when Setup was last changed; changes of examples don't count."""
    entries = AuditEntry.objects.filter(org=org).exclude(action__in=ACTIONS)
    newest = entries.order_by("-created_at", "-id").values_list("created_at", flat=True)
    return newest.first()


def run(example: ExchangeExample, *, org: Org, client: Client) -> bool:
    """Run an example and keep its result. Return False if there was no place for a run."""
    try:
        token = mint_recipe(org, recipe_from_json(example.recipe))
    except ValidationError as error:
        reason = " ".join(error.messages)
        keep_result(example=example, error=NOT_MINTED, description=reason, username="")
        return True
    request = TokenRequest(client, setup_org=org.pk, acts_for_app=True)
    pairs = parameters_of(example, token)
    decided = exchange(read_pairs(request, pairs), commit=False)
    refusal = decided.refusal
    if refusal is not None and refusal.status == NO_PLACE:
        return False
    user = decided.grant.user if refusal is None else None
    keep_result(
        example=example,
        error=refusal.error if refusal else "",
        description=decided.kept_description,
        username=user.username if user else "",
    )
    return True


def parameters_of(example: ExchangeExample, token: str) -> list[tuple[str, str]]:
    """Return the parameters of an example's request."""
    apps: Any = ClientApp.objects.filter(
        org=example.org_id, kind=example.app_kind, api_name__iexact=example.app_api_name
    )
    keys = apps.values_list("consumer_key", flat=True)
    pairs = [
        ("grant_type", TOKEN_EXCHANGE),
        ("client_id", keys.first() or ""),
        ("subject_token", token),
        ("subject_token_type", type_of_value(example.token_type).urn),
        ("token_handler", example.token_handler),
        ("scope", example.scope),
    ]
    return [(name, value) for name, value in pairs if value]
