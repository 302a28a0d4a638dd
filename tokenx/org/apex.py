"""What is read in an Apex class: whether it can check tokens. Nothing is compiled.

The rules are those of facts/salesforce.md 2.5: a handler's class extends
Auth.Oauth2TokenExchangeHandler and overrides both of its methods.
"""

import re
from collections.abc import Iterator

BASE = "Auth.Oauth2TokenExchangeHandler"
METHODS = ("validateIncomingToken", "getUserForTokenSubject")
MAX_BODY_LENGTH = 1_000_000

# What is not closed ends with its line, or with the body: so no body is read twice.
_COMMENTS_AND_TEXTS = re.compile(
    r"/\*.*?(?:\*/|\Z)|//[^\n]*|'(?:\\.|[^'\\\n])*'?", re.DOTALL
)
_CLASS = re.compile(
    r"\bclass\s+(?P<name>\w+)(?:\s+extends\s+(?P<base>\w+(?:\s*\.\s*\w+)*))?", re.IGNORECASE
)


def problems_of(name: str, body: str) -> list[str]:
    """What keeps the class from checking tokens, each as a sentence.

    Apex does not distinguish upper and lower case. Comments and texts do not count.
    """
    code = _COMMENTS_AND_TEXTS.sub(" ", body)
    found = _CLASS.search(code)
    if not found:
        return [f"The body declares no class. It has to declare {name}."]
    problems = []
    if found["name"].lower() != name.lower():
        problems.append(f"The body declares the class {found['name']}, not {name}.")
    if not is_handler_class(body):
        problems.append(f"The class does not extend {BASE}.")
    overrides = list(_overrides_in(code))
    problems += [
        f"The class does not override {method}."
        for method in METHODS
        if not any(re.search(rf"\b{method}\s*\(", it, re.IGNORECASE) for it in overrides)
    ]
    return problems


def is_handler_class(body: str) -> bool:
    """Whether the class that the body declares extends the handlers' base class."""
    found = _CLASS.search(_COMMENTS_AND_TEXTS.sub(" ", body))
    base = re.sub(r"\s", "", found["base"] or "") if found else ""
    return base.lower() == BASE.lower()


def _overrides_in(code: str) -> Iterator[str]:
    """What follows `override` in the members of the class; those of inner classes not."""
    depth = 0
    for part in re.split("([{};])", code):
        depth += {"{": 1, "}": -1}.get(part, 0)
        if depth == 1:
            yield from re.split(r"\boverride\b", part, maxsplit=1, flags=re.IGNORECASE)[1:]


def class_name_in(body: str) -> str:
    """The name of the first class that the body declares; nothing, if it has none."""
    found = _CLASS.search(_COMMENTS_AND_TEXTS.sub(" ", body))
    return found["name"] if found else ""


def is_template(name: str, body: str) -> bool:
    """Whether the class does no more than the template that it was made from."""
    return _code_of(body) == _code_of(TEMPLATE.format(name=name))


def _code_of(body: str) -> str:
    return re.sub(r"\s", "", _COMMENTS_AND_TEXTS.sub("", body)).lower()


TEMPLATE = """\
/**
 * Made by Create Token Exchange Handler. It is not ready as it is: say below how a token is
 * checked, and which user it stands for.
 */
public class {name} extends Auth.Oauth2TokenExchangeHandler {{

    // Called first. Check the signature, the issuer, the audience and the time.
    public override Auth.TokenValidationResult validateIncomingToken(
            String appDeveloperName, Auth.IntegratingAppType appType,
            String incomingToken, Auth.OAuth2TokenExchangeType tokenType) {{
        return new Auth.TokenValidationResult(false);
    }}

    // Called next, for a token that was found valid. Return the user that it stands for.
    public override User getUserForTokenSubject(
            Id networkId, Auth.TokenValidationResult result, Boolean canCreateUser,
            String appDeveloperName, Auth.IntegratingAppType appType) {{
        return null;
    }}
}}
"""
