"""What may be typed about an app: by its developer, and by the admin."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.api_names import propose, validate_api_name
from tokenx.org.callback_urls import validate_callback_urls, with_schemes
from tokenx.org.forms import show
from tokenx.org.models import ClientApp, PermittedUsers, Scope, User
from tokenx.setup.actions import apps as actions
from tokenx.setup.used_by import name_handlers


class CallbackUrlField(forms.CharField):
    default_validators = [validate_callback_urls]

    def to_python(self, value: Any) -> str:
        return with_schemes(super().to_python(value) or "")


class AppSettingsForm(forms.Form):
    """What a developer says about an app."""

    label = forms.CharField(
        label="Name",
        max_length=80,
        error_messages={"required": "Enter a name."},
    )
    contact_email = forms.EmailField(
        label="Contact Email",
        max_length=254,
        widget=forms.TextInput,
        error_messages={
            "required": "Enter whom to write to about the app.",
            "invalid": "Enter an e-mail address, such as name@example.com.",
        },
    )
    description = forms.CharField(
        label="Description",
        max_length=255,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    callback_url = CallbackUrlField(
        label="Callback URL",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Several go on a line each.",
        error_messages={"required": "Enter where the app takes its answers."},
    )
    scopes = forms.MultipleChoiceField(
        label="Selected OAuth Scopes",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Select what the app's tokens are for.",
            "invalid_choice": "Select scopes of this list only.",
        },
    )
    allows_token_exchange = forms.BooleanField(
        label="Enable Token Exchange Flow", required=False
    )
    requires_secret = forms.BooleanField(
        label="Require Secret for Token Exchange Flow",
        required=False,
        help_text="For an app that can keep one. A mobile or browser app cannot.",
    )


class NewAppForm(AppSettingsForm):
    """A new app; its API name is proposed where it is left empty."""

    api_name = forms.CharField(
        label="API Name",
        max_length=80,
        required=False,
        help_text="Left empty, it is made from the name. It cannot be changed afterwards.",
    )

    field_order = ["label", "api_name"]

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        kwargs["initial"] = {"requires_secret": True, "scopes": [Scope.API]}
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean_api_name(self) -> str:
        name: str = self.cleaned_data["api_name"]
        if name:
            validate_api_name(name)
            return name
        return propose(self.cleaned_data.get("label", ""))

    def save(self, *, by: User) -> actions.AppWithSecret | None:
        """Make the app; None, with the reason at its field, where it can't be."""
        try:
            return actions.create_app(kind=self.kind, by=by, **self.cleaned_data)
        except ValidationError as error:
            # The name may be one that was proposed: show which.
            show(self, "api_name", self.cleaned_data["api_name"])
            self.add_error(None, error)
            return None


class ExistingAppForm(forms.Form):
    """An app that is there already. The form knows the state it was opened on."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    # The switch that the form has.
    switch = ""

    def __init__(self, *args: Any, app: ClientApp, **kwargs: Any) -> None:
        current = {name: getattr(app, name, "") for name in self.base_fields}
        kwargs["initial"] = current | {"version": app.modified_at.isoformat()}
        super().__init__(*args, **kwargs)
        self.app = app
        names = name_handlers(app)
        if names and app.is_exchangeable:
            words = f"Switched off, {names} can no longer exchange tokens for this app."
            self.fields[self.switch].help_text = words

    def clean(self) -> None:
        """Ask once more where somebody else changed it since the form was opened."""
        current = self.initial["version"]
        is_stale = self.cleaned_data.pop("version", None) != current
        differing = [
            str(self.fields[name].label) for name in self.changed_data if name != "version"
        ]
        if is_stale and differing:
            show(self, "version", current)
            raise ValidationError(
                f"Somebody changed this app meanwhile. What is saved differs from what you "
                f"see here in: {', '.join(differing)}. Save again to replace it."
            )


class EditAppForm(ExistingAppForm, AppSettingsForm):
    """The developer's part of an app."""

    switch = "allows_token_exchange"

    def __init__(self, *args: Any, app: ClientApp, **kwargs: Any) -> None:
        super().__init__(*args, app=app, **kwargs)
        # An app that came from a file may lack what the page asks for.
        for name in ("contact_email", "callback_url", "scopes"):
            self.fields[name].required = bool(getattr(app, name))

    def clean_scopes(self) -> list[str]:
        """The scopes; in the order they had, where they are the same."""
        chosen: list[str] = self.cleaned_data["scopes"]
        return self.app.scopes if set(chosen) == set(self.app.scopes) else chosen

    def save(self, *, by: User) -> ClientApp | None:
        """Change the app; None, with the reason at its field, where it can't be."""
        try:
            return actions.edit_app(app=self.app, by=by, **self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)
            return None


class AppPoliciesForm(ExistingAppForm):
    """The admin's part of an app."""

    permitted_users = forms.ChoiceField(
        label="Permitted Users",
        choices=PermittedUsers.choices,
        help_text="Token exchange asks nobody for consent: users are to be pre-authorized.",
        error_messages={
            "required": "Select who may use the app.",
            "invalid_choice": "Select one of the two policies.",
        },
    )
    policy_allows_token_exchange = forms.BooleanField(
        label="Enable Token Exchange Flow", required=False
    )
    switch = "policy_allows_token_exchange"

    def save(self, *, by: User) -> ClientApp | None:
        """Change the policies; None, with the reason, where they can't be."""
        try:
            return actions.edit_app_policies(app=self.app, by=by, **self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)
            return None
