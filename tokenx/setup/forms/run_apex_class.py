"""Form to run a handler class on a token."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.org.claims import read_claims, write_claims
from tokenx.org.models import ApexClass, ClientApp, Issuer, User
from tokenx.setup.apex_runs.tokens import Mint, TokenKind, mint

SIGNED, OWN = "signed", "own"
APPS_LISTED = 100
MAX_TOKEN_LENGTH = 100_000
MAX_MINUTES = 525_600
# The values of Auth.IntegratingAppType.
_APP_TYPES = {ClientApp.Kind.CONNECTED: "CA", ClientApp.Kind.EXTERNAL: "ECA"}
_STATES = [
    ("good", "Valid"),
    ("expired", "Expired"),
    ("forged", "Forged (signed with a different key under the same key ID)"),
]
_AUTOMATIC = "auto"
_FORMS = [
    (_AUTOMATIC, "Automatic"),
    (TokenKind.JWT, "JWT"),
    (TokenKind.OPAQUE, "Opaque"),
    (TokenKind.SAML, "SAML 2.0 assertion"),
]
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


class RunApexClassForm(forms.Form):
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
    issuer = forms.ChoiceField(
        label="Simulated Issuer",
        required=False,
        error_messages={"invalid_choice": "Select one of the listed issuers."},
    )
    claims = forms.CharField(
        label="Claims",
        required=False,
        help_text="One claim per line, or a JSON object. The issuer and times are added.",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    state = forms.ChoiceField(label="Validity", choices=_STATES, required=False)
    lifetime = forms.IntegerField(
        label="Lifetime (Minutes)",
        required=False,
        min_value=1,
        max_value=MAX_MINUTES,
        initial=5,
    )
    token_form = forms.ChoiceField(
        label="Token Format",
        choices=_FORMS,
        required=False,
        help_text="Automatic selects the format that fits the token type and issuer.",
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
    token_type = forms.ChoiceField(
        label="Token Type",
        choices=[(each.value, each.label) for each in TOKEN_TYPES],
        error_messages={
            "required": "Select a token type.",
            "invalid_choice": "Select one of the listed token types.",
        },
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
        self.issuers = {
            issuer.name: issuer
            for issuer in Issuer.objects.filter(org=user.org_id).order_by("label", "pk")
        }
        self.enablements, self.has_more_apps = _enablements(apex_class)
        kwargs["initial"] = self._defaults() | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["issuer"].choices = [(name, row.label) for name, row in self.issuers.items()]
        url = reverse("setup:run-apex-class", args=[apex_class.name])
        fields["issuer"].widget.attrs |= {
            "hx-post": url,
            "hx-trigger": "change",
            "hx-target": "#run-apex-class",
            "hx-swap": "outerHTML",
            "hx-vals": '{"do": "fill"}',
        }
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
        issuer = self.likely_issuer()
        row = next(iter(self.enablements.values()), None)
        handler = row.handler if row else _handler_of(self.apex_class)
        return {
            "token_source": SIGNED if issuer else OWN,
            "issuer": issuer.name if issuer else "",
            "claims": write_claims(issuer.claims) if issuer else "",
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

    def likely_issuer(self) -> Issuer | None:
        """Return the issuer whose URLs and names the class mentions most."""
        words = set(_WORD.findall(self.apex_class.body))

        def mentioned(issuer: Issuer) -> int:
            texts = [issuer.iss, issuer.certificate_name, *issuer.addresses.values()]
            return len(words & set(_WORD.findall(" ".join(texts))))

        return max(self.issuers.values(), key=mentioned, default=None)

    def with_claims_of_issuer(self) -> "RunApexClassForm":
        """Return a form with the same entries, and the claims of the chosen issuer."""
        entered = {
            name: field.widget.value_from_datadict(self.data, {}, name)
            for name, field in self.fields.items()
        }
        if issuer := self.issuers.get(entered["issuer"]):
            entered["claims"] = write_claims(issuer.claims)
        return RunApexClassForm(apex_class=self.apex_class, user=self.user, initial=entered)

    def clean_claims(self) -> dict[str, Any]:
        return read_claims(self.cleaned_data["claims"])

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
        issuer = self.issuers[data["issuer"]]
        how = Mint(
            lifetime=timedelta(minutes=data.get("lifetime") or 5),
            kind=_kind_of(data["token_form"], data["token_type"], issuer),
            is_forged=data["state"] == "forged",
            is_expired=data["state"] == "expired",
        )
        return mint(issuer, data["claims"], how, now=timezone.now())


def _kind_of(form: str, exchanged: str, issuer: Issuer) -> TokenKind:
    """Return the form of a token. Only an introspection URL can read an opaque one."""
    if form and form != _AUTOMATIC:
        return TokenKind(form)
    if exchanged == "SAML_2":
        return TokenKind.SAML
    is_opaque = exchanged == "REFRESH_TOKEN" or (
        exchanged == "ACCESS_TOKEN" and issuer.introspection_url and not issuer.keys_url
    )
    return TokenKind.OPAQUE if is_opaque else TokenKind.JWT


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
