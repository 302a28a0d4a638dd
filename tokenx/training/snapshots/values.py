"""Types of the values in a snapshot's org.json: each checks what a file can contain."""

import json
import unicodedata
from typing import Annotated

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from pydantic import AfterValidator, Field

from tokenx.apex.debug_log import LEVELS
from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.org.api_names import validate_api_name
from tokenx.org.claims import MAX_CLAIMS_LENGTH, read_claims
from tokenx.org.languages import validate_encoding, validate_language
from tokenx.org.models import ClientApp
from tokenx.org.models.issuer import Algorithm, IssuerShape
from tokenx.org.models.profile import PROFILE_NAME_LENGTH
from tokenx.org.models.trace_flag import LEVEL_FIELDS
from tokenx.org.models.user import (
    NAME_LENGTH,
    normalize_username,
    validate_locale,
    validate_time_zone,
)
from tokenx.org.people import MAX_PEOPLE_LENGTH, check_people
from tokenx.setup.apex_runs.recipes import recipe_from_json
from tokenx.training.strict_models import checked_by, one_of, refuse

# Of a recipe as text. Claims are the longest part.
MAX_RECIPE_LENGTH = 2 * MAX_CLAIMS_LENGTH


def _check_line(value: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise refuse("contains control characters")
    return value


def _check_normalized(username: str) -> None:
    if normalize_username(username) != username:
        raise ValidationError("Use lowercase letters, and no spaces around the username.")


def _check_claims(text: str) -> None:
    read_claims(text)


def _check_recipe(text: str) -> None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError("Enter a JSON object.") from error
    recipe_from_json(content)


def _check_people(text: str) -> None:
    try:
        check_people(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise ValidationError("People are JSON.") from error


ONE_LINE = AfterValidator(_check_line)
Text80 = Annotated[str, Field(min_length=1, max_length=80), ONE_LINE]
OptionalText80 = Annotated[str, Field(max_length=80), ONE_LINE]
FirstName = Annotated[str, Field(max_length=NAME_LENGTH), ONE_LINE]
LastName = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH), ONE_LINE]
Username = Annotated[
    Text80, checked_by(_check_normalized, EmailValidator("Enter an email address."))
]
Email = Annotated[
    str,
    Field(min_length=1, max_length=254),
    ONE_LINE,
    checked_by(EmailValidator("Enter an email address.")),
]
# The key of a built-in profile, or the name of a custom one.
ProfileKey = Annotated[str, Field(min_length=1, max_length=PROFILE_NAME_LENGTH), ONE_LINE]
TimeZoneName = Annotated[str, checked_by(validate_time_zone)]
LanguageName = Annotated[str, Field(min_length=1), checked_by(validate_language)]
EncodingName = Annotated[str, Field(min_length=1), checked_by(validate_encoding)]
LocaleName = Annotated[str, checked_by(validate_locale)]
KindName = Annotated[str, one_of(ClientApp.Kind.values)]
ApiName = Annotated[Text80, checked_by(validate_api_name)]
ClassName = Annotated[
    str,
    Field(min_length=1, max_length=40),
    ONE_LINE,
    checked_by(validate_api_name),
]
DebugCategory = Annotated[str, one_of(LEVEL_FIELDS)]
DebugLevelName = Annotated[str, one_of(LEVELS)]
ComponentType = Annotated[str, one_of(ROW_TYPES)]
AlgorithmName = Annotated[str, one_of(Algorithm.values)]
ClaimsText = Annotated[str, Field(max_length=MAX_CLAIMS_LENGTH), checked_by(_check_claims)]
TokenTypeName = Annotated[str, one_of([each.value for each in TOKEN_TYPES])]
RecipeText = Annotated[str, Field(max_length=MAX_RECIPE_LENGTH), checked_by(_check_recipe)]
ShapeName = Annotated[str, one_of(IssuerShape.values)]
PeopleText = Annotated[
    str, Field(max_length=2 * MAX_PEOPLE_LENGTH), checked_by(_check_people)
]
ConsumerKey = Annotated[str, Field(max_length=85), ONE_LINE]
