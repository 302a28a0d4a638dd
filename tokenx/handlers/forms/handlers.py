"""Form to create, clone, and edit a handler."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from tokenx.handlers import actions
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.api_names import propose, validate_api_name
from tokenx.org.forms import show
from tokenx.org.models import ApexClass, Org, User
from tokenx.org.search.lookup_field import LookupField, chosen

TOKEN_TYPES = [
    (name, TokenExchangeHandler.label_of(name)) for name in TokenExchangeHandler.TOKEN_TYPES
]


class HandlerForm(forms.Form):
    """Create, clone, or edit a handler. `version` identifies the state the user saw."""

    label = forms.CharField(
        label="Name", max_length=80, error_messages={"required": "Enter a name."}
    )
    developer_name = forms.CharField(
        label="API Name",
        max_length=80,
        required=False,
        help_text="Unique name used in metadata and token requests. If blank, it's "
        "generated from the name.",
    )
    description = forms.CharField(max_length=255, required=False)
    token_types = forms.MultipleChoiceField(
        label="Supported Token Types",
        choices=TOKEN_TYPES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one token type."},
    )
    allows_user_creation = forms.BooleanField(
        label="Allow this handler to create users", required=False
    )
    makes_template = forms.BooleanField(
        label="Create Apex class template",
        required=False,
        help_text="The template rejects every token. Edit the class before you enable the "
        "handler.",
    )
    apex_class = LookupField(
        label="Apex Class",
        icon="code",
        key="name",
        missing="Select an Apex class, or create a template.",
        required=False,
    )
    # Search text; never invalid.
    apex_class_text = forms.Field(required=False)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    CHECKBOXES = ("allows_user_creation", "makes_template")

    def __init__(
        self,
        *args: Any,
        org: Org,
        handler: TokenExchangeHandler | None = None,
        values: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        self.handler = handler
        current: dict[str, Any] = {}
        if handler:
            current = actions.handler_values(handler) | {"version": version_of(handler)}
        # Browsers don't send cleared checkboxes.
        cleared = {"allows_user_creation": False} if values else {}
        kwargs["initial"] = current | cleared | values
        super().__init__(*args, **kwargs)
        apex_class: Any = self.fields["apex_class"]
        apex_class.queryset = ApexClass.objects.filter(org=org)
        if handler:
            del self.fields["makes_template"]

    @property
    def chosen_class(self) -> ApexClass | None:
        return chosen(self, "apex_class")

    def clean_developer_name(self) -> str:
        name: str = self.cleaned_data["developer_name"]
        if name:
            validate_api_name(name)
            return name
        return propose(self.cleaned_data.get("label", ""), "Handler")

    def clean(self) -> None:
        data = self.cleaned_data
        has_class = data.get("apex_class") or data.get("makes_template")
        if not has_class and "apex_class" not in self.errors:
            message = self.fields["apex_class"].error_messages["required"]
            self.add_error("apex_class", message)
        if data.get("apex_class") and data.get("makes_template"):
            both = "Select an Apex class or create a template, not both."
            self.add_error("makes_template", both)
        if self.handler and data.get("version") != version_of(self.handler):
            show(self, "version", version_of(self.handler))
            raise ValidationError(
                "Someone else changed this handler while you were editing it. Save again "
                "to replace their changes with yours."
            )

    def save(self, *, is_enabled: bool, by: User) -> TokenExchangeHandler | None:
        """Save the handler, or add the reason to its field and return None."""
        data = self.cleaned_data
        definition: Any = {
            name: data[name]
            for name in (
                *("label", "developer_name", "description", "token_types"),
                "allows_user_creation",
            )
        }
        is_template = data.get("makes_template")
        definition["apex_class"] = None if is_template else data["apex_class"]
        try:
            if self.handler:
                return actions.edit_handler(
                    handler=self.handler, definition=definition, by=by
                )
            return actions.create_handler(
                definition=definition, is_enabled=is_enabled, by=by
            )
        except ValidationError as error:
            # The API name might be a generated one, so show it.
            show(self, "developer_name", data["developer_name"])
            self.add_error(None, error)
            return None


def version_of(handler: TokenExchangeHandler) -> str:
    """Return a fingerprint of the handler's editable values, without its apps."""
    values = sorted(actions.handler_values(handler).items())
    return salted_hmac("tokenx.handlers.version", repr(values)).hexdigest()
