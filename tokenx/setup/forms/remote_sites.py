"""Form to create and edit a remote site."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.forms import show
from tokenx.org.models import RemoteSite, User
from tokenx.org.models.remote_site import DESCRIPTION_LENGTH, URL_LENGTH
from tokenx.setup.actions import remote_sites as actions

_FIELDS = ("name", "url", "disables_protocol_security", "description", "is_active")


class RemoteSiteForm(forms.Form):
    """A new or existing remote site. `version` identifies the state that the user saw."""

    name = forms.CharField(
        label="Remote Site Name",
        max_length=80,
        help_text="Letters, digits, and underscores, such as Okta_Keys.",
        error_messages={"required": "Enter a name."},
    )
    url = forms.CharField(
        label="Remote Site URL",
        max_length=URL_LENGTH,
        help_text="For example, https://idp.example.com.",
        error_messages={"required": "Enter a URL."},
    )
    disables_protocol_security = forms.BooleanField(
        label="Disable Protocol Security",
        required=False,
        help_text="Apex can pass data from an HTTPS session to an HTTP session.",
    )
    description = forms.CharField(
        label="Description",
        max_length=DESCRIPTION_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_active = forms.BooleanField(label="Active", required=False, initial=True)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, site: RemoteSite | None, **kwargs: Any) -> None:
        if site:
            kwargs["initial"] = {name: getattr(site, name) for name in _FIELDS}
            kwargs["initial"]["version"] = site.modified_at.isoformat()
        super().__init__(*args, **kwargs)
        self.site = site
        if not site:
            del self.fields["version"]

    def clean(self) -> None:
        """Ask again if someone changed the remote site while the form was open."""
        version = self.initial.get("version", "")
        if self.site and self.cleaned_data.get("version") != version:
            show(self, "version", version)
            raise ValidationError(
                "Someone else changed this remote site while you were editing it. Save "
                "again to replace their changes with yours."
            )

    def save(self, *, by: User) -> RemoteSite | None:
        """Save the remote site, or add the reason to its field and return None."""
        values: Any = {name: self.cleaned_data[name] for name in _FIELDS}
        try:
            if self.site:
                return actions.edit_remote_site(site=self.site, by=by, **values)
            return actions.create_remote_site(by=by, **values)
        except ValidationError as error:
            self.add_error(None, error)
            return None
