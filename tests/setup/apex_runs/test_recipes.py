"""Recipes of tokens: as JSON, and the tokens that they mint."""

import base64
import json

import pytest
from django.core.exceptions import ValidationError

from tests.factories import IssuerFactory, OrgFactory, UserFactory
from tokenx.setup.apex_runs.recipes import (
    TokenRecipe,
    claims_over,
    mint_recipe,
    recipe_from_json,
    recipe_to_json,
)
from tokenx.setup.apex_runs.tokens import Broken, claims_of


@pytest.fixture
def idp(org):
    return IssuerFactory(
        org=org,
        name="Idp",
        iss="https://idp.example",
        keys_url="https://idp.example/keys",
        algorithm="RS256",
        claims={"aud": "salesforce", "scp": ["openid"]},
    )


def parts_of(token):
    """Return the header and the payload of a JWT."""
    return tuple(
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]
    )


def test_a_person_and_claims_come_over_the_issuers_claims(org, idp):
    UserFactory(org=org, first_name="Ada", last_name="Lovelace", federation_id="ada-1")
    recipe = TokenRecipe("Idp", person="Ada Lovelace", claims={"scp": None, "x": 1})

    header, claims = parts_of(mint_recipe(org, recipe))

    assert header == {"typ": "JWT", "alg": "RS256", "kid": idp.key_id}
    assert (claims["sub"], claims["aud"], claims["x"]) == ("ada-1", "salesforce", 1)
    assert "scp" not in claims
    assert claims["exp"] - claims["iat"] == 300


@pytest.mark.parametrize("broken", list(Broken))
def test_each_broken_token_differs_from_a_good_one(org, idp, broken):
    good = claims_of(idp, mint_recipe(org, TokenRecipe("Idp")))

    token = mint_recipe(org, TokenRecipe("Idp", broken=broken))

    has_valid_signature = claims_of(idp, token) is not None
    assert has_valid_signature == (
        broken
        in (
            Broken.EXPIRED,
            Broken.EARLY,
            Broken.OTHER_AUDIENCE,
            Broken.OTHER_ISSUER,
            Broken.OPAQUE,
            Broken.TOO_LONG,
        )
    )
    assert claims_of(idp, token) != good
    assert (len(token) == 10_001) == (broken == Broken.TOO_LONG)


def test_another_orgs_issuer_is_unknown(idp):
    with pytest.raises(ValidationError, match="no simulated issuer"):
        mint_recipe(OrgFactory(), TokenRecipe("Idp"))


def test_a_recipe_survives_json():
    recipe = TokenRecipe(
        "Idp",
        person="Ada",
        claims={"a": [1, None]},
        token_type="ID_TOKEN",
        kind="jwt",
        algorithm="HS256",
        key="certificate:Signing",
        key_id="",
        lifetime=7,
        broken="expired",
    )

    content = json.loads(json.dumps(recipe_to_json(recipe)))

    assert recipe_from_json(content) == recipe
    assert recipe_to_json(TokenRecipe("Idp")) == {"issuer": "Idp", "token_type": "JWT"}
    urn = "urn:ietf:params:oauth:token-type:saml2"
    assert recipe_from_json({"issuer": "Idp", "token_type": urn}).token_type == "SAML_2"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "isn't a JSON object"),
        ({}, "issuer: Enter the API name"),
        ({"issuer": 1}, "issuer: Enter text."),
        ({"issuer": "I", "subject": "x"}, "Unknown option: subject."),
        ({"issuer": "I", "person": "x" * 81}, "at most 80 characters"),
        ({"issuer": "I", "broken": "very"}, "broken: Enter one of expired"),
        ({"issuer": "I", "algorithm": "RS512"}, "algorithm: Enter one of RS256"),
        ({"issuer": "I", "kind": ["jwt"]}, "kind: Enter one of jwt"),
        ({"issuer": "I", "key": "certificate:"}, "key: Enter current"),
        ({"issuer": "I", "key_id": "a\nb"}, "Control characters"),
        ({"issuer": "I", "lifetime": True}, "lifetime: Enter 1 to"),
        ({"issuer": "I", "lifetime": 0}, "lifetime: Enter 1 to"),
        ({"issuer": "I", "claims": []}, "claims: Enter a JSON object."),
        ({"issuer": "I", "claims": {"a": "x" * 9000}}, "at most 8,000 characters"),
        ({"issuer": "I", "token_type": "COOKIE"}, "token_type: Enter one of"),
    ],
)
def test_refuses_an_invalid_recipe(content, message):
    with pytest.raises(ValidationError, match=message):
        recipe_from_json(content)


def test_compares_entered_claims_with_those_of_the_issuer():
    base = {"a": 1, "b": "x", "c": True}

    assert claims_over(base, base) == {}
    assert claims_over(base, {"a": True, "b": "y"}) == {"a": True, "b": "y", "c": None}
