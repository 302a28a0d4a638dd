"""Signs SAML 2.0 assertions, which the SAML bearer flow sends as base64url.

The XML is written in its canonical form (Exclusive XML Canonicalization 1.0), so the text
is what's signed: elements have the namespaces that they use, and sorted attributes.
"""

import base64
import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from tokenx.org.claims import value_text

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_CLASS = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
# Claims with their own place; the others become attributes.
_PLACED = {"iss", "sub", "aud", "iat", "nbf", "exp", "jti"}


def sign_assertion(claims: dict[str, Any], key: RSAPrivateKey) -> str:
    """Return an assertion as base64url. Claims without an element become attributes."""
    assertion_id = f"_{claims.get('jti') or secrets.token_hex(16)}"
    start, rest = _assertion(claims, assertion_id)
    digest = base64.b64encode(hashlib.sha256((start + rest).encode()).digest()).decode()
    info = _signed_info(assertion_id, digest)
    canonical_info = f'<ds:SignedInfo xmlns:ds="{_DSIG}">{info}</ds:SignedInfo>'
    signed = key.sign(canonical_info.encode(), PKCS1v15(), SHA256())
    signature = (
        f'<ds:Signature xmlns:ds="{_DSIG}"><ds:SignedInfo>{info}</ds:SignedInfo>'
        f"<ds:SignatureValue>{base64.b64encode(signed).decode()}</ds:SignatureValue>"
        "</ds:Signature>"
    )
    return _encoded(f"{start}{signature}{rest}")


def without_signature(token: str) -> str:
    """Return an assertion without its signature."""
    start, _, rest = _decoded(token).partition("<ds:Signature ")
    return _encoded(start + rest.partition("</ds:Signature>")[2])


def tampered_assertion(token: str) -> str:
    """Return an assertion that was changed after it was signed."""
    start, end = "<saml:AuthnContextClassRef>", "</saml:AuthnContextClassRef>"
    return _encoded(_decoded(token).replace(start + _CLASS + end, f"{start}tampered{end}"))


def _encoded(xml: str) -> str:
    return base64.urlsafe_b64encode(xml.encode()).decode().rstrip("=")


def _decoded(token: str) -> str:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()


def _assertion(claims: dict[str, Any], assertion_id: str) -> tuple[str, str]:
    """Return the text before and after the signature."""
    issued, starts = _time(claims.get("iat")), _time(claims.get("nbf"))
    expires = _time(claims.get("exp"))
    start = (
        f'<saml:Assertion xmlns:saml="{SAML}" ID="{_attribute(assertion_id)}"'
        f'{_given("IssueInstant", issued)} Version="2.0">'
        f"{_element('Issuer', claims.get('iss', ''))}"
    )
    name_id = _text(claims.get("sub", ""))
    audiences = claims.get("aud", [])
    audiences = audiences if isinstance(audiences, list) else [audiences]
    restriction = "".join(_element("Audience", each) for each in audiences)
    rest = (
        f'<saml:Subject><saml:NameID Format="{_UNSPECIFIED}">{name_id}</saml:NameID>'
        f'<saml:SubjectConfirmation Method="{_BEARER}"><saml:SubjectConfirmationData'
        f"{_given('NotOnOrAfter', expires)}></saml:SubjectConfirmationData>"
        "</saml:SubjectConfirmation></saml:Subject>"
        f"<saml:Conditions{_given('NotBefore', starts)}{_given('NotOnOrAfter', expires)}>"
        f"<saml:AudienceRestriction>{restriction}</saml:AudienceRestriction>"
        f"</saml:Conditions><saml:AuthnStatement{_given('AuthnInstant', issued)}>"
        f"<saml:AuthnContext>{_element('AuthnContextClassRef', _CLASS)}"
        "</saml:AuthnContext></saml:AuthnStatement>"
        f"{_attributes(claims)}</saml:Assertion>"
    )
    return start, rest


def _attributes(claims: dict[str, Any]) -> str:
    named = {name: value for name, value in claims.items() if name not in _PLACED}
    if not named:
        return ""
    attributes = "".join(
        f'<saml:Attribute Name="{_attribute(name)}">{_values(value)}</saml:Attribute>'
        for name, value in named.items()
    )
    return f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement>"


def _values(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return "".join(_element("AttributeValue", each) for each in values)


def _signed_info(assertion_id: str, digest: str) -> str:
    return (
        f'<ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{_RSA_SHA256}"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{_attribute(assertion_id)}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{_DSIG}enveloped-signature"></ds:Transform>'
        f'<ds:Transform Algorithm="{_EXCLUSIVE}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{_SHA256}"></ds:DigestMethod>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
    )


def _element(name: str, value: Any) -> str:
    return f"<saml:{name}>{_text(value)}</saml:{name}>"


def _given(name: str, value: str) -> str:
    return f' {name}="{value}"' if value else ""


def _time(seconds: Any) -> str:
    """Return a time in seconds since 1970 as XML has it, or nothing."""
    try:
        time = datetime.fromtimestamp(float(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else value_text(value)
    text = "".join(each for each in text if each.isprintable() or each in "\t\n")
    for character, reference in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, reference)
    return text


def _attribute(value: str) -> str:
    """Return a value as the canonical form has it in an attribute."""
    text = "".join(each for each in value if each.isprintable())
    for character, reference in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
        text = text.replace(character, reference)
    return text
