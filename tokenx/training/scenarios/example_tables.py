"""The table of a scenario file for examples of token requests."""

from typing import Annotated, Any

from django.core.exceptions import ValidationError

from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.org.claims import check_claims
from tokenx.org.models import ClientApp, ExchangeExample, Org, User
from tokenx.setup.apex_runs.recipes import recipe_from_json, recipe_to_json
from tokenx.training.strict_models import StrictModel, checked_by, one_of

from .tables import Count, Text

Claims = Annotated[dict[str, Any], checked_by(check_claims)]
# The values of token_type, as handlers have them, and those of examples.
_TYPES = {each.value.lower().replace("_2", "2"): each.value for each in TOKEN_TYPES}


class ExampleTable(StrictModel):
    """A token to mint, the request with it, and the expected answer."""

    name: Text
    app: Text
    # The value of token_handler; empty for the app's default handler.
    handler: Text = ""
    scope: Text = ""
    token_type: Annotated[str, one_of(_TYPES)] = "jwt"  # noqa: S105  (a name)
    issuer: Text
    person: Text = ""
    claims: Claims = {}
    format: Text = ""
    algorithm: Text = ""
    key: Text = ""
    key_id: Text | None = None
    lifetime: Count = 5
    broken: Text = ""
    error: Text = ""
    error_description: Text = ""
    user: Text = ""

    @property
    def recipe(self) -> dict[str, Any]:
        """Return the recipe of the token. Raise ValidationError if it's invalid."""
        options = {
            "issuer": self.issuer,
            "person": self.person,
            "claims": self.claims,
            "token_type": _TYPES[self.token_type],
            "kind": self.format,
            "algorithm": self.algorithm,
            "key": self.key,
            "key_id": self.key_id,
            "lifetime": self.lifetime,
            "broken": self.broken,
        }
        return recipe_to_json(recipe_from_json(options))

    @property
    def why_no_recipe(self) -> str:
        """Return why the token can't be minted, or an empty string."""
        try:
            _ = self.recipe
        except ValidationError as error:
            return " ".join(error.messages).rstrip(".")
        return ""

    def build(self, org: Org) -> ExchangeExample:
        """Return the example, without its app and its creator."""
        return ExchangeExample(
            org=org,
            name=self.name,
            token_handler=self.handler,
            scope=self.scope,
            token_type=_TYPES[self.token_type],
            recipe={} if self.why_no_recipe else self.recipe,
            expected_error=self.error,
            expected_description=self.error_description,
            expected_username=self.user,
        )


def example_of(
    table: ExampleTable, org: Org, app: ClientApp, created_by: User
) -> ExchangeExample:
    """Return the row of a table."""
    example = table.build(org)
    example.app_kind, example.app_api_name = app.kind, app.api_name
    example.created_by = created_by
    return example
