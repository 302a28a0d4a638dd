"""Form to create and edit a simulated issuer."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.api_names import propose
from tokenx.org.claims import read_claims, write_claims
from tokenx.org.forms import show
from tokenx.org.models import Certificate, Issuer, Org, User
from tokenx.org.models.issuer import LABEL_LENGTH, URL_LENGTH, Algorithm
from tokenx.setup.actions import issuers as actions

_FIELDS = (
    "label",
    "name",
    "iss",
    *Issuer.ADDRESSES,
    "algorithm",
    "certificate_name",
)
_EXAMPLES = {
    "keys_url": "For example, https://idp.example.com/keys.",
    "userinfo_url": "Returns the claims of the bearer token in a request.",
    "introspection_url": "Says whether a token is active (RFC 7662).",
    "token_url": "Exchanges refresh tokens for new tokens.",
}


def _address(field: str) -> forms.CharField:
    return forms.CharField(
        label=Issuer.label_of(field),
        max_length=URL_LENGTH,
        required=False,
        help_text=_EXAMPLES[field],
    )


class IssuerForm(forms.Form):
    """A new or existing issuer. `version` identifies the state that the user saw."""

    label = forms.CharField(
        label="Name",
        max_length=LABEL_LENGTH,
        error_messages={"required": "Enter a name."},
    )
    name = forms.CharField(
        label="API Name",
        max_length=80,
        required=False,
        help_text="If blank, it's generated from the name.",
    )
    iss = forms.CharField(
        label="Issuer",
        max_length=URL_LENGTH,
        help_text="The iss claim of its tokens, such as https://idp.example.com.",
        error_messages={"required": "Enter an issuer."},
    )
    keys_url = _address("keys_url")
    userinfo_url = _address("userinfo_url")
    introspection_url = _address("introspection_url")
    token_url = _address("token_url")
    claims = forms.CharField(
        label="Claims",
        required=False,
        help_text="One claim per line, such as aud=salesforce, or a JSON object.",
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
    algorithm = forms.ChoiceField(
        label="Algorithm",
        choices=Algorithm.choices,
        error_messages={"invalid_choice": "Select one of the listed algorithms."},
    )
    certificate_name = forms.ChoiceField(
        label="Signing Key",
        required=False,
        help_text="Select a certificate for classes that refer to it by name.",
        error_messages={"invalid_choice": "Select one of the listed keys."},
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, org: Org, issuer: Issuer | None, **kwargs: Any) -> None:
        if issuer:
            kwargs["initial"] = {name: getattr(issuer, name) for name in _FIELDS}
            kwargs["initial"]["claims"] = write_claims(issuer.claims)
            kwargs["initial"]["version"] = issuer.modified_at.isoformat()
        super().__init__(*args, **kwargs)
        self.issuer = issuer
        if not issuer:
            del self.fields["version"]
        field: Any = self.fields["certificate_name"]
        field.choices = [("", "Its own key"), *_certificates(org, issuer)]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        return name or propose(self.cleaned_data.get("label", ""), "Issuer")

    def clean_claims(self) -> dict[str, Any]:
        return read_claims(self.cleaned_data["claims"])

    def clean(self) -> None:
        """Ask again if someone changed the issuer while the form was open."""
        version = self.initial.get("version", "")
        if self.issuer and self.cleaned_data.get("version") != version:
            show(self, "version", version)
            raise ValidationError(
                "Someone else changed this issuer while you were editing it. Save again "
                "to replace their changes with yours."
            )

    def save(self, *, by: User) -> Issuer | None:
        """Save the issuer, or add the reason to its field and return None."""
        values: Any = {name: self.cleaned_data[name] for name in (*_FIELDS, "claims")}
        try:
            if self.issuer:
                return actions.edit_issuer(issuer=self.issuer, by=by, **values)
            return actions.create_issuer(by=by, **values)
        except ValidationError as error:
            # The name might be a generated one, so show it.
            show(self, "name", self.cleaned_data["name"])
            self.add_error(None, error)
            return None


def _certificates(org: Org, issuer: Issuer | None) -> list[tuple[str, str]]:
    """Return the certificates with a private key, and the one that the issuer names."""
    rows = Certificate.objects.filter(org=org).exclude(sealed_key="").order_by("label")
    labels = dict(rows.values_list("name", "label"))
    names = {name: f"Certificate {label}" for name, label in labels.items()}
    named = issuer.certificate_name if issuer else ""
    if named and named not in names:
        names[named] = f"Certificate {named}"
    return [*names.items()]
