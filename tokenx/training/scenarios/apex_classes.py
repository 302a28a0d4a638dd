"""The code of Apex classes in scenarios, by kind.

Token handlers are ordinary Apex files in `classes/`. A class of a scenario can have any
name, which replaces the name of the file's class.
"""

import re
from functools import cache
from pathlib import Path

from tokenx.org.apex import TEMPLATE

FOLDER = Path(__file__).parent / "classes"
# The file of each kind, without its extension. Each validates the tokens of one provider.
FILES = {
    "ready": "MyOauthTokenExchangeHandler",
    "okta": "OktaTokenHandler",
    "entra_id": "EntraTokenHandler",
    "google": "CustomerTokenHandler",
    "partners": "PartnerTokenHandler",
    "certificate": "StoreFleetTokenHandler",
    "introspection": "PilotTokenHandler",
    "saml": "SamlTokenHandler",
}
_OTHER = """\
public class {name} {{
    public static String greet() {{
        return 'Hello';
    }}
}}
"""
# Not ready for handlers.
_FORMATS = {"template": TEMPLATE, "other": _OTHER}
KINDS = (*FILES, *_FORMATS)


def body_of(name: str, kind: str = "ready") -> str:
    """Return the code of a class with this name."""
    if kind in _FORMATS:
        return _FORMATS[kind].format(name=name)
    file_name = FILES[kind]
    return re.sub(rf"\b{file_name}\b", lambda _: name, _read(file_name))


@cache
def _read(file_name: str) -> str:
    return (FOLDER / f"{file_name}.cls").read_text("utf-8")
