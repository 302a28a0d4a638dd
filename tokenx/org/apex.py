"""Checks whether an Apex class can be a token exchange handler; nothing is compiled.

A handler's class extends Auth.Oauth2TokenExchangeHandler and overrides both of its methods
(docs/salesforce/product.md).
"""

import re
from collections.abc import Iterator

BASE = "Auth.Oauth2TokenExchangeHandler"
METHODS = ("validateIncomingToken", "getUserForTokenSubject")
MAX_BODY_LENGTH = 1_000_000

# An unclosed comment or string ends with its line or with the body, which keeps matching
# linear.
_COMMENTS_AND_STRINGS = re.compile(
    r"/\*.*?(?:\*/|\Z)|//[^\n]*|'(?:\\.|[^'\\\n])*'?", re.DOTALL
)
_CLASS = re.compile(
    r"\bclass\s+(?P<name>\w+)(?:\s+extends\s+(?P<base>\w+(?:\s*\.\s*\w+)*))?", re.IGNORECASE
)


def problems_of(name: str, body: str) -> list[str]:
    """Return sentences that say why the class can't be a handler; empty if it can.

    Apex isn't case-sensitive. Comments and strings are ignored.
    """
    code = _COMMENTS_AND_STRINGS.sub(" ", body)
    found = _CLASS.search(code)
    if not found:
        return [f"The body doesn't declare a class. Declare {name}."]
    problems = []
    if found["name"].lower() != name.lower():
        problems.append(f"The body declares the class {found['name']}, not {name}.")
    if not is_handler_class(body):
        problems.append(f"The class doesn't extend {BASE}.")
    overrides = list(_overrides_in(code))
    problems += [
        f"The class doesn't override {method}."
        for method in METHODS
        if not any(
            re.search(rf"\b{method}\s*\(", member, re.IGNORECASE) for member in overrides
        )
    ]
    return problems


def is_handler_class(body: str) -> bool:
    """Tell whether the body's class extends the base class of handlers."""
    found = _CLASS.search(_COMMENTS_AND_STRINGS.sub(" ", body))
    base = re.sub(r"\s", "", found["base"] or "") if found else ""
    return base.lower() == BASE.lower()


def _overrides_in(code: str) -> Iterator[str]:
    """Yield what follows `override` in the class's own members."""
    depth = 0
    for part in re.split("([{};])", code):
        depth += {"{": 1, "}": -1}.get(part, 0)
        if depth == 1:
            yield from re.split(r"\boverride\b", part, maxsplit=1, flags=re.IGNORECASE)[1:]


def class_name_in(body: str) -> str:
    """Return the name of the first class that the body declares, or an empty string."""
    found = _CLASS.search(_COMMENTS_AND_STRINGS.sub(" ", body))
    return found["name"] if found else ""


def is_template(name: str, body: str) -> bool:
    """Tell whether the class is still the unedited template."""
    return _code_of(body) == _code_of(TEMPLATE.format(name=name))


def _code_of(body: str) -> str:
    return re.sub(r"\s", "", _COMMENTS_AND_STRINGS.sub("", body)).lower()


TEMPLATE = """\
/**
 * Created by Create Token Exchange Handler. This template rejects every token. Edit it:
 * validate the token and return its user.
 */
public class {name} extends Auth.Oauth2TokenExchangeHandler {{

    // Called first. Validate the signature, issuer, audience, and time.
    public override Auth.TokenValidationResult validateIncomingToken(
            String appDeveloperName, Auth.IntegratingAppType appType,
            String incomingToken, Auth.OAuth2TokenExchangeType tokenType) {{
        return new Auth.TokenValidationResult(false);
    }}

    // Called next for a valid token. Return the token's user.
    public override User getUserForTokenSubject(
            Id networkId, Auth.TokenValidationResult result, Boolean canCreateUser,
            String appDeveloperName, Auth.IntegratingAppType appType) {{
        return null;
    }}
}}
"""
