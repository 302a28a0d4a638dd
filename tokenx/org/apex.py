"""The base class of token exchange handlers, and the template that a new handler can get.

Nothing here is compiled. What the compiler found is stored with each class.
"""

import re
from collections.abc import Iterable

from tokenx.apex.compiled import Compiled, CompileOutcome, hash_of
from tokenx.apex.parser.declared import declared_superclass

BASE = "Auth.Oauth2TokenExchangeHandler"
HANDLER_METHODS = ("validateIncomingToken", "getUserForTokenSubject")
MAX_BODY_LENGTH = 1_000_000

# An unclosed comment or string ends with its line or with the body, which keeps matching
# linear.
_COMMENTS_AND_STRINGS = re.compile(
    r"/\*.*?(?:\*/|\Z)|//[^\n]*|'(?:\\.|[^'\\\n])*'?", re.DOTALL
)


def superclasses_in(body: str) -> list[str]:
    """Return the base class that the code declares; more isn't known without compiling."""
    superclass = declared_superclass(body)
    return [superclass] if superclass else []


def extends_base(superclasses: Iterable[str]) -> bool:
    """Tell whether the base class of handlers is one of these base classes."""
    return any(name.lower() == BASE.lower() for name in superclasses)


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


def template_of(name: str) -> tuple[str, Compiled]:
    """Return the template's code for a class, and the result of compiling it.

    The result is a constant, so that no one needs the compiler. A test compares the two.
    """
    body = TEMPLATE.format(name=name)
    result = Compiled(
        body_hash=hash_of(body),
        status=CompileOutcome.VALID,
        problems=(),
        name=name,
        superclasses=(BASE,),
        references=(),
    )
    return body, result
