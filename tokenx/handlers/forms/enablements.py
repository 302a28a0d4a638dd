"""Forms to enable an app for a handler and to edit an enabled app."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.handlers import actions
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ClientApp, User
from tokenx.org.search.lookup_field import LookupField, chosen
from tokenx.web.text import isolate


class ChooseKindForm(forms.Form):
    """Step 1 of the Enable New App wizard. The wizard's state is in its URL."""

    kind = forms.ChoiceField(
        label="Select the type of app",
        choices=ClientApp.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select the type of app.",
            "invalid_choice": "Select one of the two types of app.",
        },
    )
    kind.focus_id = "kind-connected"  # type: ignore[attr-defined]  # as in its template


class RunAsForm(forms.Form):
    """The user that a handler runs as for an app, and whether it's the app's default."""

    run_as = LookupField(
        label="Run as",
        icon="user",
        key="username",
        missing="Select the user to run the handler as.",
    )
    # Search text; never invalid.
    run_as_text = forms.Field(required=False)
    make_default = forms.BooleanField(required=False)

    def __init__(self, *args: Any, handler: TokenExchangeHandler, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.handler = handler
        run_as: Any = self.fields["run_as"]
        run_as.queryset = User.objects.filter(org=handler.org_id)
        label = f"Make {isolate(handler.label)} the default handler for this app"
        self.fields["make_default"].label = label

    @property
    def chosen_user(self) -> User | None:
        return chosen(self, "run_as")


class EnableAppForm(RunAsForm):
    """Step 2 of the Enable New App wizard."""

    app = LookupField(
        label="Select App",
        icon="app-window",
        key="api_name",
        missing="Select the app to enable.",
    )
    app_text = forms.Field(required=False)

    field_order = ["app", "app_text", "run_as", "run_as_text", "make_default"]

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = ClientApp.Kind(kind)
        app: Any = self.fields["app"]
        app.queryset = ClientApp.objects.filter(org=self.handler.org_id, kind=kind)

    @property
    def chosen_app(self) -> ClientApp | None:
        return chosen(self, "app")

    def save(self, *, by: User) -> Enablement | None:
        """Enable the app, or add the reason to its field and return None."""
        data = self.cleaned_data
        try:
            return actions.enable_app(
                handler=self.handler,
                app=data["app"],
                run_as=data["run_as"],
                make_default=data["make_default"],
                by=by,
            )
        except ValidationError as error:
            self.add_error(None, error)
            return None


class EditEnablementForm(RunAsForm):
    """Edit an enabled app. `version` identifies the state that the user saw."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, enablement: Enablement, values: dict[str, Any], **kwargs: Any
    ) -> None:
        current: dict[str, Any] = {
            "run_as": enablement.run_as_id,
            "make_default": enablement.is_default,
            "version": enablement.modified_at.isoformat(),
        }
        # Browsers don't send cleared checkboxes.
        cleared = {"make_default": False} if values else {}
        initial = current | cleared | values
        super().__init__(*args, handler=enablement.handler, initial=initial, **kwargs)
        self.enablement = enablement

    def clean(self) -> None:
        """Ask again if someone changed the enablement while the form was open."""
        current = self.enablement.modified_at.isoformat()
        if self.cleaned_data.get("version") != current:
            # The submitted data is a QueryDict, but the type stubs allow any mapping.
            self.data = {**self.data.dict(), "version": current}  # type: ignore[attr-defined]
            default = "is" if self.enablement.is_default else "isn't"
            raise ValidationError(
                f"Someone else changed this app while you were editing it. The handler "
                f"now runs as {self.enablement.run_as.name} and {default} the app's "
                f"default. Save again to replace these changes with yours."
            )

    def save(self, *, by: User) -> Enablement | None:
        """Save the change, or add the reason to its field and return None."""
        data = self.cleaned_data
        try:
            return actions.edit_enablement(
                enablement=self.enablement,
                run_as=data["run_as"],
                make_default=data["make_default"],
                by=by,
            )
        except ValidationError as error:
            self.add_error(None, error)
            return None
