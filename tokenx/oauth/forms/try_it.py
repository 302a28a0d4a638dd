"""Form of Try It: a token, and the request that exchanges it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.token_types import TOKEN_TYPES, type_of_value
from tokenx.oauth.decisions import TOKEN_EXCHANGE
from tokenx.oauth.forms.token_fields import TokenFields
from tokenx.org.models import ClientApp, User

APPS_LISTED = HANDLERS_LISTED = 100
MAX_CHANGES = 20_000
# Ways to authenticate as the app.
SETUP, SEND, OMIT = "setup", "send", "omit"
_SECRETS = [
    (SETUP, "Not needed in Setup"),
    (SEND, "Send this secret"),
    (OMIT, "Send no secret"),
]
_EXAMPLE = "Enter one parameter per line, such as grant_type=password."


class TryItForm(TokenFields):
    """The inputs of a token request. Their defaults are likely to succeed.

    `query` is that of the page's address, which can name the app and the handler.
    """

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
    token_type = forms.ChoiceField(
        label="Subject Token Type",
        choices=[(each.value, each.label) for each in TOKEN_TYPES],
        error_messages={
            "required": "Select a token type.",
            "invalid_choice": "Select one of the listed token types.",
        },
    )
    scope = forms.CharField(
        label="Scopes",
        required=False,
        max_length=1000,
        help_text="Separate scopes with spaces. If blank, the token gets all of the app's.",
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
        help_text="One per line, such as grant_type=password. To leave a parameter out, "
        "enter its name and =.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    shows_assignments = forms.BooleanField(
        label="Show variable assignments", required=False
    )

    def __init__(
        self, *args: Any, user: User, query: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, org=user.org_id, **kwargs)
        self.user = user
        entered = self.data if self.is_bound else {**(query or {}), **self.initial}
        named = _handler_of(user.org_id, entered.get("handler", ""))
        self.chosen_app = app_of(user.org_id, entered.get("app", "")) or _likely_app(
            user.org_id, named
        )
        self.default_handler = _default_of(self.chosen_app)
        self.chosen_handler = named or self.default_handler
        self.has_more_apps = False
        self._list_apps(named)
        self._list_handlers(named)
        self._set_defaults(named)

    def _set_defaults(self, named: TokenExchangeHandler | None) -> None:
        if self.chosen_app:
            self.initial.setdefault("app", key_of(self.chosen_app))
        is_default = named is not None and named == self.default_handler
        if named and not is_default:
            self.initial.setdefault("handler", named.developer_name)
        self.initial.setdefault("token_type", _type_for(self.chosen_handler))
        self.initial.setdefault("secret", SETUP)

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
                f"Only {APPS_LISTED} apps are listed. For others, press Try It on the "
                "app's page."
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

    def entered(self) -> dict[str, Any]:
        """Return the entries as initial values of another form."""
        return {
            name: field.widget.value_from_datadict(self.data, {}, name)
            for name, field in self.fields.items()
        }

    def updated(self, changed: str) -> "TryItForm":
        """Return a form with the same entries, in which what depends on a field fits it."""
        entries = self.entered()
        if changed == "app":
            entries["handler"] = ""
        if changed in {"app", "handler"}:
            handler = _handler_of(self.user.org_id, entries["handler"])
            effective = handler or self.default_handler
            if not _takes(effective, entries["token_type"]):
                entries["token_type"] = _type_for(effective)
        return TryItForm(user=self.user, initial=entries)

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
        if data.get("secret") == SEND and not data.get("client_secret"):
            self.add_error("client_secret", "Enter a secret.")

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


def key_of(app: ClientApp) -> str:
    """Return the app's key in addresses of the page."""
    return f"{app.kind}:{app.api_name}"


def app_of(org: int, key: str) -> ClientApp | None:
    """Return the app with this key."""
    kind, separator, name = key.partition(":")
    if not separator or "\0" in key:
        return None
    return ClientApp.objects.filter(org=org, kind=kind, api_name=name).first()


def _handler_of(org: int, name: str) -> TokenExchangeHandler | None:
    if not name or "\0" in name:
        return None
    rows = TokenExchangeHandler.objects.filter(org=org, developer_name=name)
    return rows.select_related("apex_class").first()


def _likely_app(org: int, handler: TokenExchangeHandler | None) -> ClientApp | None:
    """Return an app with which an exchange is likely to succeed."""
    rows = Enablement.objects.filter(org=org).select_related("app")
    if handler:
        ours = rows.of(handler)
        found = ours.filter(is_default=True).by_app().first() or ours.by_app().first()
    else:
        ready = rows.filter(is_default=True, handler__is_enabled=True)
        found = ready.order_by("id").first() or rows.order_by("id").first()
    if found:
        return found.app
    return ClientApp.objects.filter(org=org).by_label().first()


def _default_of(app: ClientApp | None) -> TokenExchangeHandler | None:
    if app is None:
        return None
    row = Enablement.objects.default_for(app).select_related("handler__apex_class").first()
    return row.handler if row else None


def _takes(handler: TokenExchangeHandler | None, token_type: str) -> bool:
    taken = {each.value for each in TOKEN_TYPES if handler and each.is_taken_by(handler)}
    return token_type in taken


def _type_for(handler: TokenExchangeHandler | None) -> str:
    """Return a token type that the handler takes, preferably a JWT."""
    preferred = sorted(TOKEN_TYPES, key=lambda each: each.value != "JWT")
    taken = (each.value for each in preferred if handler and each.is_taken_by(handler))
    return next(taken, "JWT")
