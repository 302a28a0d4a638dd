"""Forms for an app: the developer's settings and the admin's policies."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.api_names import propose, validate_api_name
from tokenx.org.callback_urls import validate_callback_urls, with_schemes
from tokenx.org.forms import show
from tokenx.org.models import (
    ClientApp,
    PermissionSet,
    PermittedUsers,
    Profile,
    RefreshTokenPolicy,
    Scope,
    User,
)
from tokenx.org.models.app_access import access_of
from tokenx.org.models.client_app import MAX_VALIDITY, PERIODIC_POLICIES, ValidityUnit
from tokenx.setup.actions import apps as actions
from tokenx.setup.actions.apps import RefreshPolicy
from tokenx.setup.used_by import name_handlers
from tokenx.web.local_formats import format_number


class CallbackUrlField(forms.CharField):
    default_validators = [validate_callback_urls]

    def to_python(self, value: Any) -> str:
        return with_schemes(super().to_python(value) or "")


class AppSettingsForm(forms.Form):
    """The settings that an app's developer controls."""

    label = forms.CharField(
        label="Name",
        max_length=80,
        error_messages={"required": "Enter a name."},
    )
    # Before the long list of scopes, so that everyone sees the main switch.
    allows_token_exchange = forms.BooleanField(
        label="Enable Token Exchange Flow", required=False
    )
    requires_secret = forms.BooleanField(
        label="Require Secret for Token Exchange Flow",
        required=False,
        help_text="Don't select this option for mobile or browser apps, which can't keep a "
        "secret.",
    )
    contact_email = forms.EmailField(
        label="Contact Email",
        max_length=254,
        widget=forms.TextInput,
        error_messages={
            "required": "Enter a contact email.",
            "invalid": "Enter an email address, such as name@example.com.",
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
        help_text="Enter one URL per line.",
        error_messages={"required": "Enter a callback URL."},
    )
    scopes = forms.MultipleChoiceField(
        label="Selected OAuth Scopes",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Select at least one scope.",
            "invalid_choice": "Select only listed scopes.",
        },
    )
    rotates_refresh_tokens = forms.BooleanField(
        label="Enable Refresh Token Rotation",
        required=False,
        help_text="Each use of a refresh token replaces it with a new one.",
    )
    introspects_all_tokens = forms.BooleanField(
        label="Introspect All Tokens",
        required=False,
        help_text="The app can look up the tokens of all apps in this org.",
    )


class NewAppForm(AppSettingsForm):
    """A new app. If the API name is blank, it's generated from the name."""

    api_name = forms.CharField(
        label="API Name",
        max_length=80,
        required=False,
        help_text="If blank, it's generated from the name. You can't change it later.",
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
        """Create the app, or add the reason to its field and return None."""
        try:
            return actions.create_app(kind=self.kind, by=by, **self.cleaned_data)
        except ValidationError as error:
            # The API name might be a generated one, so show it.
            show(self, "api_name", self.cleaned_data["api_name"])
            self.add_error(None, error)
            return None


class ExistingAppForm(forms.Form):
    """An existing app. `version` identifies the state that the user saw."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    # The form's field that turns token exchange on or off.
    flow_field = ""

    def __init__(self, *args: Any, app: ClientApp, **kwargs: Any) -> None:
        current = {name: getattr(app, name, "") for name in self.base_fields}
        kwargs["initial"] = current | {"version": app.modified_at.isoformat()}
        super().__init__(*args, **kwargs)
        self.app = app
        names = name_handlers(app)
        if names and app.is_exchangeable:
            consequence = f"{names} can't exchange tokens for this app."
            help_text = f"If you turn this off, {consequence}"
            self.fields[self.flow_field].help_text = help_text

    def clean(self) -> None:
        """Ask again if someone changed the app while the form was open."""
        current = self.initial["version"]
        is_stale = self.cleaned_data.pop("version", None) != current
        differing = [
            str(self.fields[name].label) for name in self.changed_data if name != "version"
        ]
        if is_stale and differing:
            show(self, "version", current)
            raise ValidationError(
                f"Someone else changed this app while you were editing it. These fields "
                f"differ from yours: {', '.join(differing)}. Save again to replace them."
            )


class EditAppForm(ExistingAppForm, AppSettingsForm):
    """The settings of an existing app."""

    flow_field = "allows_token_exchange"

    def __init__(self, *args: Any, app: ClientApp, **kwargs: Any) -> None:
        super().__init__(*args, app=app, **kwargs)
        # An app from a file can lack values that the page requires.
        for name in ("contact_email", "callback_url", "scopes"):
            self.fields[name].required = bool(getattr(app, name))

    def clean_scopes(self) -> list[str]:
        """Keep the scopes' current order if the selection didn't change."""
        scopes: list[str] = self.cleaned_data["scopes"]
        return self.app.scopes if set(scopes) == set(self.app.scopes) else scopes

    def save(self, *, by: User) -> ClientApp | None:
        """Save the settings, or add the reason to its field and return None."""
        try:
            return actions.edit_app(app=self.app, by=by, **self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)
            return None


class AppPoliciesForm(ExistingAppForm):
    """The policies of an existing app."""

    permitted_users = forms.ChoiceField(
        label="Permitted Users",
        choices=PermittedUsers.choices,
        help_text="Token exchange has no consent screen, so users must be preauthorized.",
        error_messages={
            "required": "Select who can use the app.",
            "invalid_choice": "Select one of the two policies.",
        },
    )
    # Before the long lists of profiles and permission sets.
    policy_allows_token_exchange = forms.BooleanField(
        label="Enable Token Exchange Flow", required=False
    )
    # By their names in every org.
    profiles = forms.MultipleChoiceField(
        label="Select Profiles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Admin-approved users have one of these profiles or permission sets.",
        error_messages={"invalid_choice": "Select only listed profiles."},
    )
    permission_sets = forms.MultipleChoiceField(
        label="Select Permission Sets",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Select only listed permission sets."},
    )
    refresh_token_policy = forms.ChoiceField(
        label="Refresh Token Policy",
        choices=RefreshTokenPolicy.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select a refresh token policy.",
            "invalid_choice": "Select one of the four refresh token policies.",
        },
    )
    refresh_token_validity = forms.IntegerField(
        label="Refresh Token Validity Period",
        required=False,
        min_value=1,
        max_value=MAX_VALIDITY,
        help_text="Required for the last two policies.",
        error_messages={
            "invalid": actions.ENTER_VALIDITY,
            "min_value": actions.ENTER_VALIDITY,
            "max_value": f"Enter at most {format_number(MAX_VALIDITY)}.",
        },
    )
    refresh_token_unit = forms.ChoiceField(
        label="Refresh Token Validity Unit",
        choices=ValidityUnit.choices,
        required=False,
        error_messages={"invalid_choice": "Select hours, days, or months."},
    )
    flow_field = "policy_allows_token_exchange"

    def __init__(self, *args: Any, app: ClientApp, **kwargs: Any) -> None:
        super().__init__(*args, app=app, **kwargs)
        sets = PermissionSet.objects.filter(org=app.org_id).without_files().by_label()
        # The rows that can be selected, by field.
        self.rows: dict[str, dict[str, Any]] = {
            "profiles": dict(Profile.objects.by_key(app.org_id)),
            "permission_sets": {row.name: row for row in sets},
        }
        for name, rows in self.rows.items():
            field: Any = self.fields[name]
            field.choices = [(key, str(row)) for key, row in rows.items()]
        if not self.rows["permission_sets"]:
            help_text = "This org has no permission sets yet."
            self.fields["permission_sets"].help_text = help_text
        self.initial["refresh_token_unit"] = app.refresh_token_unit or ValidityUnit.DAYS
        access = access_of(app)
        self.initial["profiles"] = [row.key for row in access.profiles]
        self.initial["permission_sets"] = [row.name for row in access.permission_sets]

    def clean(self) -> None:
        """Drop the period of a policy that has none."""
        super().clean()
        policy = self.cleaned_data.get("refresh_token_policy")
        if policy and policy not in PERIODIC_POLICIES:
            for name, nothing in [("validity", None), ("unit", "")]:
                self.cleaned_data[f"refresh_token_{name}"] = nothing
                self.errors.pop(f"refresh_token_{name}", None)

    def save(self, *, by: User) -> ClientApp | None:
        """Save the policies, or add the reason to its field and return None."""
        values = dict(self.cleaned_data)
        values["refresh"] = RefreshPolicy(
            values.pop("refresh_token_policy"),
            values.pop("refresh_token_validity"),
            values.pop("refresh_token_unit"),
        )
        for name, rows in self.rows.items():
            values[name] = [rows[key] for key in values[name]]
        try:
            return actions.edit_app_policies(app=self.app, by=by, **values)
        except ValidationError as error:
            self.add_error(None, error)
            return None
