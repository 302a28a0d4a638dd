"""The form of Try It: a subject token, and the request that exchanges it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.token_types import TOKEN_TYPES, type_of_value
from tokenx.oauth.decisions import TOKEN_EXCHANGE
from tokenx.oauth.likely import (
    app_of,
    default_of,
    handler_of,
    key_of,
    likely_app,
    likely_issuer,
    takes,
    type_for,
)
from tokenx.org.claims import write_claims
from tokenx.org.models import ClientApp, ExchangeExample, Org, User
from tokenx.setup.apex_runs.recipes import (
    base_claims,
    find_issuer,
    mint_recipe,
    recipe_from_json,
    recipe_to_json,
)
from tokenx.setup.forms.mint import FILL, MintFields, entries_of
from tokenx.setup.forms.run_apex_class import (
    MAX_TOKEN_LENGTH,
    OWN,
    SIGNED,
)

APPS_LISTED = HANDLERS_LISTED = 100
MAX_CHANGES = 20_000
# The fields that others depend on, apart from the app and the handler.
_FIRST = ("issuer", "person", "token_type")
# Ways to authenticate as the app.
SETUP, SEND, OMIT = "setup", "send", "omit"
_SECRETS = [
    (SETUP, "Not needed in Setup"),
    (SEND, "Send this secret"),
    (OMIT, "Send no secret"),
]
_EXAMPLE = "Enter one parameter per line, such as grant_type=password."


class TryItForm(MintFields):
    """The inputs of a token request. Their defaults are likely to succeed.

    `query` is that of the page's address, which can name the app and the handler.
    """

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
        help_text="The token isn't stored.",
        widget=forms.Textarea(
            attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    app = forms.ChoiceField(
        label="App",
        error_messages={
            "required": "Select an app.",
            "invalid_choice": "Select one of the listed apps.",
        },
    )
    handler = forms.ChoiceField(
        label="Handler",
        required=False,
        error_messages={"invalid_choice": "Select one of the listed handlers."},
    )
    scope = forms.CharField(
        label="Scopes",
        required=False,
        max_length=1000,
        help_text="Separated by spaces. If blank, the token gets all of the app's scopes.",
    )
    secret = forms.ChoiceField(label="Consumer Secret", choices=_SECRETS, required=False)
    client_secret = forms.CharField(
        label="Secret",
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    changed_parameters = forms.CharField(
        label="Changed Parameters",
        required=False,
        max_length=MAX_CHANGES,
        help_text="One per line, such as grant_type=password. To omit a parameter, enter "
        "its name and =.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    shows_assignments = forms.BooleanField(
        label="Show variable assignments", required=False
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        user: User,
        query: Mapping[str, str] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.user = user
        given = {**(query or {}), **(initial or {})}
        entered = given if data is None else data
        named = handler_of(user.org_id, entered.get("handler", ""))
        self.chosen_app = app_of(user.org_id, entered.get("app", "")) or likely_app(
            user.org_id, named
        )
        self.default_handler = default_of(self.chosen_app)
        defaults = self._defaults(named)
        # The claims depend on these.
        defaults |= {name: given[name] for name in _FIRST if name in given}
        super().__init__(data, org=user.org, initial=defaults | {**(initial or {})})
        self._list_apps(named)
        self._list_handlers(named)
        fields: dict[str, Any] = self.fields
        if self.chosen_app and self.chosen_app.scopes:
            scopes = " ".join(self.chosen_app.scopes)
            fields[
                "scope"
            ].help_text = f"Separated by spaces. If blank, the token gets {scopes}."
        if not self.issuers:
            fields["token_source"].choices = [(OWN, "Use your own token")]
        self._refresh_by_htmx()

    def _defaults(self, named: TokenExchangeHandler | None) -> dict[str, Any]:
        """Return values with which an exchange is likely to succeed."""
        handler = named or self.default_handler
        issuer = likely_issuer(self.user.org_id, handler)
        return {
            "app": key_of(self.chosen_app) if self.chosen_app else "",
            "handler": named.developer_name if named else "",
            "token_type": type_for(handler),
            "secret": SETUP,
            "token_source": SIGNED if issuer else OWN,
            "issuer": issuer.name if issuer else "",
        }

    def disable(self) -> None:
        """Show the fields to someone who can't run the form."""
        for field in self.fields.values():
            field.disabled = True

    def _refresh_by_htmx(self) -> None:
        """Let HTMX update dependent fields as soon as a field changes."""
        url = reverse("oauth:try-it")
        self.fill_from(url, "#try-it")
        for name in ("app", "handler", "token_type"):
            self.fields[name].widget.attrs |= {
                "hx-post": url,
                "hx-trigger": "change",
                "hx-target": "#try-it",
                "hx-swap": "outerHTML",
                "hx-vals": f'{{"do": "{name}"}}',
            }
        self.fields["incoming_token"].widget.attrs |= {
            "hx-post": url,
            "hx-trigger": "input changed delay:400ms",
            "hx-target": "#decoded-token",
            "hx-select": "#decoded-token",
            "hx-swap": "outerHTML",
            "hx-vals": '{"do": "decode"}',
        }
        # A submitted form must not be replaced before its own answer comes.
        for name in ("app", "handler", "token_type", "issuer", "person", "incoming_token"):
            self.fields[name].widget.attrs["hx-sync"] = "closest form:abort"

    def _list_apps(self, named: TokenExchangeHandler | None) -> None:
        apps = [self.chosen_app] if self.chosen_app else []
        if named:
            rows = Enablement.objects.of(named).select_related("app").by_app()
            apps += [row.app for row in rows[:APPS_LISTED]]
        others = ClientApp.objects.filter(org=self.user.org_id).by_label()
        apps += others[: APPS_LISTED + 1]
        labels = {key_of(app): app.label for app in apps}
        listed = sorted([*labels.items()][:APPS_LISTED], key=lambda app: app[1].lower())
        self.has_more_apps = len(labels) > APPS_LISTED
        field: Any = self.fields["app"]
        field.choices = listed
        if self.has_more_apps:
            field.help_text = (
                f"Only {APPS_LISTED} apps are listed. For other apps, select Try It on "
                "the app's page."
            )

    def _list_handlers(self, named: TokenExchangeHandler | None) -> None:
        rows = TokenExchangeHandler.objects.filter(org=self.user.org_id)
        handlers = [*rows.order_by("search_key", "id")[:HANDLERS_LISTED]]
        enabled: list[TokenExchangeHandler] = []
        if self.chosen_app:
            found = Enablement.objects.filter(org=self.user.org_id, app=self.chosen_app)
            found = found.select_related("handler").order_by("handler__search_key", "id")
            enabled = [row.handler for row in found[:HANDLERS_LISTED]]
        if named and named not in [*enabled, *handlers]:
            handlers.append(named)
        others = [each for each in handlers if each not in enabled]
        default = self.default_handler.label if self.default_handler else "none"
        field: Any = self.fields["handler"]
        choices: list[Any] = [("", f"Default handler ({default})")]
        for label, group in [
            ("Enabled for This App", enabled),
            ("Not Enabled for This App", others),
        ]:
            if group:
                pairs = [(each.developer_name, each.label) for each in group]
                choices.append((label, pairs))
        field.choices = choices

    def updated(self, changed: str) -> "TryItForm":
        """Return a form with the same entries, and update those that depend on a field.

        Claims that someone edited stay.
        """
        if changed == FILL:
            return TryItForm(user=self.user, initial=self.entries_with_claims())
        entries = self._entries()
        org, is_edited = self.user.org_id, self._has_edited_claims(entries)
        if changed == "app":
            entries["handler"] = ""
        handler = handler_of(org, entries["handler"] or "") or self.default_handler
        if changed in {"app", "handler"} and not takes(handler, entries["token_type"]):
            entries["token_type"] = type_for(handler)
        if changed in {"app", "handler", "token_type"} and not is_edited:
            del entries["claims"]
            if changed != "token_type" and (issuer := likely_issuer(org, handler)):
                entries["issuer"] = issuer.name
                del entries["person"]
        return TryItForm(user=self.user, initial=entries)

    def _entries(self) -> dict[str, Any]:
        return {
            name: field.widget.value_from_datadict(self.data, {}, name)
            for name, field in self.fields.items()
        }

    def _has_edited_claims(self, entries: dict[str, Any]) -> bool:
        """Tell whether the claims aren't those of the issuer and person."""
        issuer = self.issuers.get(entries["issuer"] or "")
        if issuer is None:
            return bool((entries["claims"] or "").strip())
        text = (entries["claims"] or "").replace("\r\n", "\n").strip()
        for token_type in TOKEN_TYPES:
            try:
                claims = base_claims(
                    issuer, person=entries["person"] or "", token_type=token_type.value
                )
            except ValidationError:
                return True
            if text == write_claims(claims).strip():
                return False
        return True

    def clean_changed_parameters(self) -> list[tuple[str, str]]:
        """Return the names and values."""
        changes = []
        text = self.cleaned_data["changed_parameters"].replace("\r\n", "\n")
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            name, separator, value = line.partition("=")
            if not separator or not name.strip():
                raise ValidationError(f"Line {number} isn't a parameter. {_EXAMPLE}")
            changes.append((name.strip(), value.strip()))
        return changes

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("token_source") == OWN and not data.get("incoming_token"):
            self.add_error("incoming_token", "Enter a token.")
        if data.get("token_source") == SIGNED and not data.get("issuer"):
            self.add_error("issuer", "Select an issuer.")
        if data.get("secret") == SEND and not data.get("client_secret"):
            self.add_error("client_secret", "Enter a secret.")

    def token(self) -> str | None:
        """Return the token, or add the reason as an error and return None."""
        data = self.cleaned_data
        if data["token_source"] == OWN:
            return str(data["incoming_token"])
        try:
            return mint_recipe(self.org, self.recipe())
        except ValidationError as error:
            self.add_error(None, error)
            return None

    @property
    def pasted_token(self) -> str:
        """Return the token that someone pasted, also before the form is submitted."""
        value = self["incoming_token"].value() or ""
        return str(value).strip()[:MAX_TOKEN_LENGTH]

    @property
    def why_no_example(self) -> str:
        """Return why the result can't be an example, or an empty string."""
        data = self.cleaned_data
        if data["token_source"] == OWN:
            return (
                "Pasted tokens expire. Sign a token with a simulated issuer to save an "
                "example."
            )
        if data["changed_parameters"]:
            return "Examples can't have changed parameters. Clear them to save the result."
        if not self.acts_for_app:
            return (
                "Examples can't contain secrets. For Consumer Secret, select Not needed "
                "in Setup to save the result."
            )
        return ""

    def example_values(self) -> dict[str, Any]:
        """Return the values of an example with these inputs."""
        data = self.cleaned_data
        kind, _, api_name = data["app"].partition(":")
        return {
            "app_kind": kind,
            "app_api_name": api_name,
            "token_handler": data["handler"],
            "scope": data["scope"],
            "token_type": data["token_type"],
            "recipe": recipe_to_json(self.recipe()),
        }

    @property
    def acts_for_app(self) -> bool:
        """Tell whether the administrator acts for the app, so that no secret is needed."""
        return self.cleaned_data.get("secret") in {"", SETUP}

    def parameters(self, token: str) -> list[tuple[str, str]]:
        """Return the names and values of the request, in the order in which it has them."""
        data = self.cleaned_data
        app = app_of(self.user.org_id, data["app"])
        pairs = [
            ("grant_type", TOKEN_EXCHANGE),
            ("client_id", app.consumer_key if app else ""),
            ("client_secret", data["client_secret"] if data["secret"] == SEND else ""),
            ("subject_token", token),
            ("subject_token_type", type_of_value(data["token_type"]).urn),
            ("token_handler", data["handler"]),
            ("scope", data["scope"]),
        ]
        changes: list[tuple[str, str]] = data["changed_parameters"]
        names = {name for name, _ in changes}
        pairs = [(name, value) for name, value in pairs if name not in names]
        return [(name, value) for name, value in [*pairs, *changes] if value]


def entries_of_example(example: ExchangeExample, org: Org) -> dict[str, Any]:
    """Return the entries of an example. Raise ValidationError without its issuer."""
    recipe = recipe_from_json(example.recipe)
    return {
        **entries_of(recipe, find_issuer(org, recipe.issuer)),
        "token_source": SIGNED,
        "app": f"{example.app_kind}:{example.app_api_name}",
        "handler": example.token_handler,
        "scope": example.scope,
        "token_type": example.token_type,
    }
