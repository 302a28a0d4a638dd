"""Form to create and edit a simulated issuer."""

from itertools import count
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.api_names import propose
from tokenx.org.claims import read_claims, write_claims
from tokenx.org.forms import show
from tokenx.org.models import Certificate, Issuer, Org, User
from tokenx.org.models.issuer import (
    LABEL_LENGTH,
    URL_LENGTH,
    Algorithm,
    IssuerShape,
    normalized,
)
from tokenx.org.people import read_people, write_people
from tokenx.org.record_ids import ORG, record_id
from tokenx.setup.actions import issuers as actions
from tokenx.setup.issuer_shapes import tenant_of
from tokenx.setup.provider_shapes import SHAPES

_FIELDS = (
    "shape",
    "label",
    "name",
    "iss",
    *Issuer.ADDRESSES,
    "algorithm",
    "certificate_name",
)
# The value of the button, and of HTMX's request, that fills in the provider's addresses.
FILL = "fill"
_OWN_LABEL = "Identity Provider"
_EXAMPLES = {
    "discovery_url": "Lists the other URLs (OpenID Connect Discovery).",
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

    shape = forms.ChoiceField(
        label="Provider",
        choices=IssuerShape.choices,
        required=False,
        error_messages={"invalid_choice": "Select one of the listed providers."},
    )
    tenant = forms.CharField(
        label="Tenant or Domain",
        max_length=200,
        required=False,
        help_text="Your part of the provider's URLs, such as a tenant ID or domain.",
    )
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
    discovery_url = _address("discovery_url")
    keys_url = _address("keys_url")
    userinfo_url = _address("userinfo_url")
    introspection_url = _address("introspection_url")
    token_url = _address("token_url")
    claims = forms.CharField(
        label="Claims",
        required=False,
        help_text="One claim per line, such as aud=salesforce, or a JSON object. They "
        "replace the provider's default claims.",
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
    people = forms.CharField(
        label="People",
        required=False,
        help_text="Enter each name in brackets, such as [Ada Lovelace], with claims below "
        "it. If blank, the org's users with a Federation ID are used.",
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

    def __init__(
        self, *args: Any, org: Org, issuer: Issuer | None, server: str = "", **kwargs: Any
    ) -> None:
        self.org, self.issuer, self.server = org, issuer, server
        if "initial" not in kwargs:
            kwargs["initial"] = _entries_of(issuer) if issuer else self._filled_in({})
        super().__init__(*args, **kwargs)
        if not issuer:
            del self.fields["version"]
        field: Any = self.fields["certificate_name"]
        field.choices = [("", "Its own key"), *_certificates(org, issuer)]

    def fill_from(self, url: str) -> None:
        """Let HTMX fill in the addresses as soon as another provider is selected."""
        fill = {
            "hx-post": url,
            "hx-trigger": "change",
            "hx-target": "#modal",
            "hx-swap": "innerHTML",
        }
        vals = f'{{"do": "{FILL}", "tenant": ""}}'
        self.fields["shape"].widget.attrs |= fill | {"hx-vals": vals}
        self.fields["tenant"].widget.attrs |= fill | {"hx-vals": f'{{"do": "{FILL}"}}'}

    def with_addresses(self) -> "IssuerForm":
        """Return a form with the same entries, and the selected provider's addresses."""
        entered = {
            name: field.widget.value_from_datadict(self.data, {}, name)
            for name, field in self.fields.items()
        }
        try:
            initial = self._filled_in(entered)
        except ValidationError as error:
            form = IssuerForm(self.data, org=self.org, issuer=self.issuer)
            form.errors.clear()
            form.add_error("tenant", error)
            return form
        return IssuerForm(
            org=self.org, issuer=self.issuer, server=self.server, initial=initial
        )

    def _filled_in(self, entered: dict[str, Any]) -> dict[str, Any]:
        """Return entries with the provider's addresses, names, and algorithm.

        An address that another issuer has is left out.
        """
        values, chosen = IssuerShape.values, IssuerShape.OWN
        if entered.get("shape") in values:
            chosen = IssuerShape(entered["shape"])
        shape = SHAPES[chosen]
        examples = {each.tenant_example for each in SHAPES.values()}
        labels = {IssuerShape(each).label for each in values} | {_OWN_LABEL}
        tenant, label = entered.get("tenant") or "", entered.get("label") or ""
        if tenant in examples or not shape.tenant_label:
            tenant = shape.tenant_example
        if not label or label.rstrip(" 0123456789") in labels:
            label = _OWN_LABEL if chosen == IssuerShape.OWN else chosen.label
            label = _free(label, self._others("label"), " ")
            entered = entered | {"name": ""}
        name = entered.get("name") or _free(
            propose(label, "Issuer"), self._others("name"), "_"
        )
        own = f"{self.server}/idp/{record_id(ORG, self.org.pk)}/{name}"
        urls = shape.filled_in(tenant or shape.tenant_example, own)
        rows = Issuer.objects.filter(org=self.org).exclude(pk=self._pk)
        taken = {normalized(url) for row in rows for url in row.addresses.values()}
        for field in Issuer.ADDRESSES:
            if urls[field] and normalized(urls[field]) in taken:
                urls[field] = ""
        return {
            **entered,
            **urls,
            "shape": chosen,
            "tenant": tenant,
            "label": label,
            "name": name,
            "algorithm": shape.algorithms[0],
        }

    @property
    def _pk(self) -> int:
        return self.issuer.pk if self.issuer else 0

    def _others(self, field: str) -> set[str]:
        rows = Issuer.objects.filter(org=self.org).exclude(pk=self._pk)
        return {value.lower() for value in rows.values_list(field, flat=True)}

    def clean_shape(self) -> str:
        return self.cleaned_data["shape"] or IssuerShape.OWN

    def clean_people(self) -> list[dict[str, Any]]:
        return read_people(self.cleaned_data["people"])

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
        values: Any = {
            name: self.cleaned_data[name] for name in (*_FIELDS, "claims", "people")
        }
        try:
            if self.issuer:
                return actions.edit_issuer(issuer=self.issuer, by=by, **values)
            return actions.create_issuer(by=by, **values)
        except ValidationError as error:
            # The name might be a generated one, so show it.
            show(self, "name", self.cleaned_data["name"])
            self.add_error(None, error)
            return None


def _entries_of(issuer: Issuer) -> dict[str, Any]:
    return {
        **{name: getattr(issuer, name) for name in _FIELDS},
        "tenant": tenant_of(issuer),
        "claims": write_claims(issuer.claims),
        "people": write_people(issuer.people),
        "version": issuer.modified_at.isoformat(),
    }


def _free(name: str, taken: set[str], separator: str) -> str:
    """Return a name that's free, with a number after it if need be."""
    names = (name if index == 1 else f"{name}{separator}{index}" for index in count(1))
    return next(each for each in names if each.lower() not in taken)


def _certificates(org: Org, issuer: Issuer | None) -> list[tuple[str, str]]:
    """Return the certificates with a private key, and the one that the issuer names."""
    rows = Certificate.objects.filter(org=org).exclude(sealed_key="").order_by("label")
    labels = dict(rows.values_list("name", "label"))
    names = {name: f"Certificate {label}" for name, label in labels.items()}
    named = issuer.certificate_name if issuer else ""
    if named and named not in names:
        names[named] = f"Certificate {named}"
    return [*names.items()]
