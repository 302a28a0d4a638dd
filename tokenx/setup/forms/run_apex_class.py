"""Form to run a handler class on a token."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.org.models import ApexClass, ClientApp, Issuer, User
from tokenx.setup.apex_runs.recipes import mint_recipe

from .mint import MintFields

SIGNED, OWN = "signed", "own"
APPS_LISTED = 100
MAX_TOKEN_LENGTH = 100_000
# The values of Auth.IntegratingAppType.
_APP_TYPES = {ClientApp.Kind.CONNECTED: "CA", ClientApp.Kind.EXTERNAL: "ECA"}
_WORD = re.compile(r"[\w.-]{4,}")


@dataclass(frozen=True)
class RunInputs:
    """The inputs of a run, as run_handler() takes them."""

    token: str
    token_type: str
    app_developer_name: str
    app_type: str
    run_as: User
    can_create_users: bool


class RunApexClassForm(MintFields):
    """A token, its type, and the app that it's for."""

    token_source = forms.ChoiceField(
        label="Token",
        choices=[
            (SIGNED, "Sign a token with a simulated issuer"),
            (OWN, "Use your own token"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select a token."},
    )
    incoming_token = forms.CharField(
        label="Incoming Token",
        required=False,
        max_length=MAX_TOKEN_LENGTH,
        strip=True,
        help_text="The token isn't stored.",
        widget=forms.Textarea(
            attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    app = forms.ChoiceField(
        label="App",
        required=False,
        help_text="The handler runs as this app's Run As user.",
        error_messages={"invalid_choice": "Select one of the listed apps."},
    )
    run_as = forms.CharField(label="Run As Username", required=False, max_length=80)
    can_create_users = forms.BooleanField(label="Allow user creation", required=False)
    shows_assignments = forms.BooleanField(
        label="Show variable assignments", required=False
    )

    def __init__(
        self, *args: Any, apex_class: ApexClass, user: User, **kwargs: Any
    ) -> None:
        self.apex_class, self.user = apex_class, user
        self.enablements, self.has_more_apps = _enablements(apex_class)
        initial = self._defaults() | kwargs.pop("initial", {})
        super().__init__(*args, org=user.org, initial=initial, **kwargs)
        fields: dict[str, Any] = self.fields
        url = reverse("setup:run-apex-class", args=[apex_class.name])
        self.fill_from(url, "#run-apex-class")
        labels = {
            str(row.pk): f"{row.app.label} ({row.handler.label})"
            for row in self.enablements.values()
        }
        fields["app"].choices = [*labels.items(), ("", "No app")]
        if self.has_more_apps:
            fields[
                "app"
            ].help_text = (
                f"Only the first {APPS_LISTED} apps are listed; for others, select No app."
            )
        if not self.issuers:
            fields["token_source"].choices = [(OWN, "Use your own token")]

    def _defaults(self) -> dict[str, Any]:
        """Return values with which a run is likely to succeed."""
        issuer = likely_issuer(self.apex_class)
        row = next(iter(self.enablements.values()), None)
        handler = row.handler if row else _handler_of(self.apex_class)
        return {
            "token_source": SIGNED if issuer else OWN,
            "issuer": issuer.name if issuer else "",
            "token_type": next(
                (
                    each.value
                    for each in TOKEN_TYPES
                    if handler and each.is_taken_by(handler)
                ),
                "JWT",
            ),
            "app": str(row.pk) if row else "",
            "run_as": self.user.username,
            "can_create_users": bool(handler and handler.allows_user_creation),
        }

    def with_claims_of_issuer(self) -> "RunApexClassForm":
        """Return a form with the same entries, and the selected person's claims."""
        entered = self.entries_with_claims()
        return RunApexClassForm(apex_class=self.apex_class, user=self.user, initial=entered)

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("token_source") == OWN and not data.get("incoming_token"):
            self.add_error("incoming_token", "Enter a token.")
        if data.get("token_source") == SIGNED and not data.get("issuer"):
            self.add_error("issuer", "Select an issuer.")
        if not data.get("app"):
            users = User.objects.filter(org=self.user.org_id)
            name = data.get("run_as", "").strip().lower()
            data["runs_as"] = users.filter(username=name).first()
            if data["runs_as"] is None:
                self.add_error("run_as", "Enter the username of a user in this org.")

    def inputs(self) -> RunInputs | None:
        """Return the inputs of the run, or add the reason as an error and return None."""
        try:
            token = self._token()
        except ValidationError as error:
            self.add_error(None, error)
            return None
        data = self.cleaned_data
        row = self.enablements.get(data["app"])
        if row is None:
            app = "", "CA", data["runs_as"], data["can_create_users"]
        else:
            kind = _APP_TYPES[ClientApp.Kind(row.app.kind)]
            creates_users = row.handler.allows_user_creation
            app = row.app.api_name, kind, row.run_as, creates_users
        return RunInputs(token, data["token_type"], *app)

    def _token(self) -> str:
        data = self.cleaned_data
        if data["token_source"] == OWN:
            token: str = data["incoming_token"]
            return token
        return mint_recipe(self.org, self.recipe())


def likely_issuer(apex_class: ApexClass) -> Issuer | None:
    """Return the issuer whose URLs and names the class mentions most."""
    words = set(_WORD.findall(apex_class.body))

    def mentioned(issuer: Issuer) -> int:
        texts = [issuer.iss, issuer.certificate_name, *issuer.addresses.values()]
        return len(words & set(_WORD.findall(" ".join(texts))))

    issuers = Issuer.objects.filter(org=apex_class.org_id).order_by("label", "pk")
    return max(issuers, key=mentioned, default=None)


def _enablements(apex_class: ApexClass) -> tuple[dict[str, Enablement], bool]:
    """Return the first apps that are enabled for a handler with this class.

    Say also whether there are more.
    """
    rows = Enablement.objects.filter(
        org=apex_class.org_id, handler__apex_class=apex_class
    ).select_related("app", "handler", "run_as__profile")
    found = list(rows.by_app()[: APPS_LISTED + 1])
    listed = {str(row.pk): row for row in found[:APPS_LISTED]}
    return listed, len(found) > APPS_LISTED


def _handler_of(apex_class: ApexClass) -> TokenExchangeHandler | None:
    handlers = TokenExchangeHandler.objects.filter(org=apex_class.org_id)
    return handlers.filter(apex_class=apex_class).order_by("search_key").first()
