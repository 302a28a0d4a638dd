"""Fields about a token that a simulated issuer signs. Run, Try It, and Mint share them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.org.claims import read_claims, write_claims
from tokenx.org.models import Certificate, Issuer, Org
from tokenx.org.models.issuer import KEY_ID_LENGTH
from tokenx.setup.apex_runs.recipes import (
    DEFAULT_MINUTES,
    MAX_MINUTES,
    TokenRecipe,
    base_claims,
    claims_over,
)
from tokenx.setup.apex_runs.signers import (
    ALGORITHMS,
    ANOTHER,
    CERTIFICATE,
    CURRENT,
    HS256,
    NONE,
    PREVIOUS,
)
from tokenx.setup.apex_runs.tokens import Broken, TokenKind
from tokenx.setup.issuer_shapes import default_person, people_of

# The value of the button, and of HTMX's request, that fills in claims.
FILL = "fill"
_BROKEN = [("", "Valid"), *((each.value, each.label) for each in Broken)]
_FORMATS = [
    ("", "Automatic"),
    (TokenKind.JWT, "JWT"),
    (TokenKind.OPAQUE, "Opaque"),
    (TokenKind.SAML, "SAML 2.0 assertion"),
]
_ALGORITHM_LABELS = {HS256: "HS256 (the issuer's shared secret)", NONE: "none (unsigned)"}
_KEYS = [
    (CURRENT, "The issuer's key"),
    (PREVIOUS, "The issuer's previous key"),
    (ANOTHER, "A different key with the same key ID"),
]
_INVALID = "Select one of the listed options."


def one_click(data: QueryDict, do: str) -> QueryDict:
    """Return a form's entries. A button that breaks the token submits the form, too.

    `do` is the value of the button that such a click stands for.
    """
    if "break" not in data:
        return data
    changed = data.copy()
    changed["broken"], changed["do"] = str(data["break"]), do
    return changed


class MintFields(forms.Form):
    """A token's issuer, person, claims, and signature, and how it's broken.

    Subclasses can add fields. Without an issuer in the org, all fields are optional.
    """

    token_type = forms.ChoiceField(
        label="Token Type",
        choices=[(each.value, each.label) for each in TOKEN_TYPES],
        initial="JWT",
        error_messages={
            "required": "Select a token type.",
            "invalid_choice": "Select one of the listed token types.",
        },
    )
    issuer = forms.ChoiceField(
        label="Simulated Issuer",
        required=False,
        error_messages={"invalid_choice": "Select one of the listed issuers."},
    )
    person = forms.ChoiceField(
        label="Person",
        required=False,
        error_messages={"invalid_choice": "Select one of the listed people."},
    )
    claims = forms.CharField(
        label="Claims",
        required=False,
        help_text="One claim per line, or a JSON object. The issuer and times are added.",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    broken = forms.ChoiceField(
        label="Validity",
        choices=_BROKEN,
        required=False,
        error_messages={"invalid_choice": _INVALID},
    )
    lifetime = forms.IntegerField(
        label="Lifetime (Minutes)",
        required=False,
        min_value=1,
        max_value=MAX_MINUTES,
        initial=DEFAULT_MINUTES,
    )
    token_form = forms.ChoiceField(
        label="Token Format",
        choices=_FORMATS,
        required=False,
        help_text="Automatic selects the format that fits the token type and issuer.",
        error_messages={"invalid_choice": _INVALID},
    )
    algorithm = forms.ChoiceField(
        label="Algorithm",
        choices=[
            ("", "Automatic"),
            *((name, _ALGORITHM_LABELS.get(name, name)) for name in ALGORITHMS),
        ],
        required=False,
        error_messages={"invalid_choice": _INVALID},
    )
    key = forms.ChoiceField(
        label="Signing Key",
        choices=_KEYS,
        required=False,
        error_messages={"invalid_choice": "Select one of the listed keys."},
    )
    key_id = forms.CharField(
        label="Key ID",
        required=False,
        max_length=KEY_ID_LENGTH,
        help_text="If blank, the key's own ID is used.",
    )

    def __init__(self, *args: Any, org: Org, **kwargs: Any) -> None:
        self.org = org
        rows = Issuer.objects.filter(org=org).order_by("label", "pk")
        self.issuers = {issuer.name: issuer for issuer in rows}
        kwargs["initial"] = self._filled_in(kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["issuer"].choices = [(name, row.label) for name, row in self.issuers.items()]
        chosen = self.chosen_issuer
        people = people_of(chosen) if chosen else []
        fields["person"].choices = [
            ("", "None (only the issuer's claims)"),
            *((each["name"], each["name"]) for each in people),
        ]
        fields["key"].choices = [*_KEYS, *_certificates(org)]

    @property
    def broken_tokens(self) -> list[Broken]:
        """Return the ways to break a token, each of which has a button."""
        return list(Broken)

    @property
    def chosen_issuer(self) -> Issuer | None:
        """Return the issuer that the form has at the moment."""
        name = self.data.get(self.add_prefix("issuer")) if self.is_bound else None
        return self.issuers.get(name or self.initial.get("issuer", ""))

    def _filled_in(self, initial: dict[str, Any]) -> dict[str, Any]:
        """Return initial values, with the claims of the issuer and person among them."""
        initial = dict(initial)
        initial.setdefault("issuer", next(iter(self.issuers), ""))
        issuer = self.issuers.get(initial["issuer"])
        if issuer is None:
            return initial
        if "person" not in initial:
            initial["person"] = default_person(issuer)
        if "claims" not in initial:
            token_type = initial.get("token_type") or "JWT"
            initial["claims"] = _claims_text(issuer, initial["person"], token_type)
        return initial

    def fill_from(self, url: str, target: str) -> None:
        """Let HTMX fill in claims as soon as another issuer or person is selected."""
        for name in ("issuer", "person"):
            self.fields[name].widget.attrs |= {
                "hx-post": url,
                "hx-trigger": "change",
                "hx-target": target,
                "hx-swap": "outerHTML",
                "hx-vals": f'{{"do": "{FILL}"}}',
            }

    def entries_with_claims(self) -> dict[str, Any]:
        """Return what was entered, with the claims of the selected issuer and person."""
        entered = {
            name: field.widget.value_from_datadict(self.data, {}, self.add_prefix(name))
            for name, field in self.fields.items()
        }
        issuer = self.issuers.get(entered["issuer"] or "")
        if issuer is None:
            return entered
        names = [each["name"] for each in people_of(issuer)]
        if entered["person"] and entered["person"] not in names:
            entered["person"] = default_person(issuer)
        token_type = entered.get("token_type") or "JWT"
        entered["claims"] = _claims_text(issuer, entered["person"] or "", token_type)
        return entered

    def clean_claims(self) -> dict[str, Any]:
        return read_claims(self.cleaned_data["claims"])

    def recipe(self) -> TokenRecipe:
        """Return the recipe of the token. The entered claims are all that it has."""
        data = self.cleaned_data
        issuer = self.issuers[data["issuer"]]
        person, token_type = data["person"], data["token_type"]
        base = base_claims(issuer, person=person, token_type=token_type)
        return TokenRecipe(
            issuer=issuer.name,
            person=person,
            claims=claims_over(base, data["claims"]),
            token_type=token_type,
            kind=data["token_form"],
            algorithm=data["algorithm"],
            key=data["key"] or CURRENT,
            key_id=data["key_id"] or None,
            lifetime=data.get("lifetime") or DEFAULT_MINUTES,
            broken=data["broken"],
        )


def entries_of(recipe: TokenRecipe, issuer: Issuer) -> dict[str, Any]:
    """Return the entries of a form that mints a recipe."""
    base = base_claims(issuer, person=recipe.person, token_type=recipe.token_type)
    claims = {
        name: value for name, value in (base | recipe.claims).items() if value is not None
    }
    return {
        "issuer": issuer.name,
        "person": recipe.person,
        "claims": write_claims(claims),
        "token_type": recipe.token_type,
        "token_form": recipe.kind,
        "algorithm": recipe.algorithm,
        "key": recipe.key,
        "key_id": recipe.key_id or "",
        "lifetime": recipe.lifetime,
        "broken": recipe.broken,
    }


def _claims_text(issuer: Issuer, person: str, token_type: str) -> str:
    try:
        return write_claims(base_claims(issuer, person=person, token_type=token_type))
    except ValidationError:
        return write_claims(base_claims(issuer, person="", token_type=token_type))


def _certificates(org: Org) -> list[tuple[str, str]]:
    rows = Certificate.objects.filter(org=org).exclude(sealed_key="").order_by("label")
    return [
        (f"{CERTIFICATE}{name}", f"Certificate {label}")
        for name, label in rows.values_list("name", "label")
    ]
