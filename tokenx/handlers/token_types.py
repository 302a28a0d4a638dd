"""The types of tokens that handlers take: docs/salesforce/product.md, "Token request"."""

from typing import NamedTuple

from .models import TokenExchangeHandler

_URN = "urn:ietf:params:oauth:token-type:"


class TokenType(NamedTuple):
    """A type: the handler's field, the value of Auth.OAuth2TokenExchangeType, the URN."""

    field: str
    value: str
    urn: str

    @property
    def label(self) -> str:
        return TokenExchangeHandler.label_of(self.field)

    def is_taken_by(self, handler: TokenExchangeHandler) -> bool:
        """Tell whether the handler supports this type."""
        return bool(getattr(handler, self.field))


TOKEN_TYPES = (
    TokenType("supports_access_token", "ACCESS_TOKEN", f"{_URN}access_token"),
    TokenType("supports_id_token", "ID_TOKEN", f"{_URN}id_token"),
    TokenType("supports_jwt", "JWT", f"{_URN}jwt"),
    TokenType("supports_refresh_token", "REFRESH_TOKEN", f"{_URN}refresh_token"),
    TokenType("supports_saml2", "SAML_2", f"{_URN}saml2"),
)
# Both spellings of `jwt` are documented.
_BY_URN = {each.urn: each for each in TOKEN_TYPES} | {f"{_URN}JWT": TOKEN_TYPES[2]}
_BY_VALUE = {each.value: each for each in TOKEN_TYPES}


def type_of_urn(urn: str) -> TokenType | None:
    """Return the type with this URN, or None if there's none."""
    return _BY_URN.get(urn)


def type_of_value(value: str) -> TokenType:
    """Return the type with this value of Auth.OAuth2TokenExchangeType."""
    return _BY_VALUE[value]
