"""The token of a form: signed by a simulated issuer, or pasted."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from tokenx.org.claims import read_claims, write_claims
from tokenx.org.models import Issuer
from tokenx.setup.apex_runs.tokens import Mint, TokenKind, mint

SIGNED, OWN = "signed", "own"


class TokenFields(forms.Form):
    """A token that an issuer signs, or the user's own."""

    token_source = forms.ChoiceField(
        label="Token",
        choices=[
            (SIGNED, "Sign a token with a simulated issuer"),
            (OWN, "Use your own token"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select a token."},
    )
    issuer = forms.ChoiceField(label="Simulated Issuer", required=False)
    claims = forms.CharField(
        label="Claims",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    incoming_token = forms.CharField(
        label="Incoming Token",
        required=False,
        max_length=100_000,
        help_text="The token isn't stored.",
        widget=forms.Textarea(
            attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}
        ),
    )

    def __init__(self, *args: Any, org: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Issuer.objects.filter(org=org).order_by("label", "pk")
        self.issuers = {issuer.name: issuer for issuer in rows}
        field: Any = self.fields["issuer"]
        field.choices = [(name, row.label) for name, row in self.issuers.items()]
        issuer = next(iter(self.issuers.values()), None)
        self.initial.setdefault("token_source", SIGNED if issuer else OWN)
        self.initial.setdefault("claims", write_claims(issuer.claims) if issuer else "")

    def clean_claims(self) -> dict[str, Any]:
        return read_claims(self.cleaned_data["claims"])

    def token(self) -> str | None:
        """Return the token, or add the reason as an error and return None."""
        data = self.cleaned_data
        if data["token_source"] == OWN:
            return str(data["incoming_token"])
        try:
            how = Mint(lifetime=timedelta(minutes=5), kind=TokenKind.JWT)
            return mint(
                self.issuers[data["issuer"]], data["claims"], how, now=timezone.now()
            )
        except ValidationError as error:
            self.add_error(None, error)
            return None
