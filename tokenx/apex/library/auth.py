"""Auth.TokenValidationResult and Auth.UserData, which handlers return."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from ..runtime.api import Run
from ..types import ApexType
from ..values import ApexMap, EnumConstant, PlatformObject, Value
from .registry import constructor, getter, method, setter


@dataclass(slots=True, eq=False, kw_only=True)
class UserData(PlatformObject):
    """An Auth.UserData: what a token says about its user."""

    identifier: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    email: str | None = None
    link: str | None = None
    username: str | None = None
    locale: str | None = None
    provider: str | None = None
    site_login_url: str | None = None
    attribute_map: ApexMap | None = None
    id_token: str | None = None
    id_token_json: str | None = None
    user_info_json: str | None = None

    def children(self) -> Iterator[Value]:
        """Yield what it holds."""
        yield from _ALL_USER_DATA(self)

    def text(self) -> str:
        """Return what System.debug writes."""
        return "Auth.UserData"


# The properties in the order of the constructor's parameters, and the attributes here.
_USER_DATA = {
    "identifier": "identifier",
    "firstName": "first_name",
    "lastName": "last_name",
    "fullName": "full_name",
    "email": "email",
    "link": "link",
    "username": "username",
    "locale": "locale",
    "provider": "provider",
    "siteLoginUrl": "site_login_url",
    "attributeMap": "attribute_map",
    "idToken": "id_token",
    "idTokenJSONString": "id_token_json",
    "userInfoJSONString": "user_info_json",
}
_ALL_USER_DATA = attrgetter(*_USER_DATA.values())


@dataclass(slots=True, eq=False, kw_only=True)
class ValidationResult(PlatformObject):
    """An Auth.TokenValidationResult: whether a token is valid, and what it says."""

    is_valid: bool | None = None
    data: Value = None
    user_data: UserData | None = None
    token: str | None = None
    token_type: EnumConstant | None = None
    custom_error: str | None = None

    def children(self) -> Iterator[Value]:
        """Yield what it holds."""
        yield from (self.data, self.user_data, self.token, self.custom_error)


# The properties in the order of the constructor's parameters: the attribute here, and the
# method that reads the property.
_RESULT = {
    "isValid": ("is_valid", "isValid"),
    "data": ("data", "getData"),
    "userData": ("user_data", "getUserData"),
    "token": ("token", "getToken"),
    "tokenType": ("token_type", "getTokenType"),
    "customErrorMsg": ("custom_error", "getCustomErrorMessage"),
}


@constructor("Auth.UserData")
def new_user_data(run: Run, type_: ApexType, *arguments: Value) -> UserData:
    """Make a UserData from 11 arguments, or from 13 with an ID token."""
    run.allocate(128)
    given = dict(zip(_USER_DATA.values(), arguments, strict=False))
    return UserData(type=type_, **given)


@constructor("Auth.TokenValidationResult")
def new_result(run: Run, type_: ApexType, *arguments: Value) -> ValidationResult:
    """Make a result from its validity, or from all of its parts."""
    run.allocate(64)
    names = (attribute for attribute, _ in _RESULT.values())
    given = dict(zip(names, arguments, strict=False))
    return ValidationResult(type=type_, **given)


def _register_property(type_name: str, name: str, attribute: str, read_by: str) -> None:
    read = attrgetter(attribute)

    def get(run: Run, receiver: PlatformObject) -> Value:
        return read(receiver)

    def set_(run: Run, receiver: PlatformObject, value: Value) -> None:
        setattr(receiver, attribute, value)

    getter(type_name, name)(get)
    setter(type_name, name)(set_)
    if read_by:
        method(type_name, read_by)(get)


for _name, _attribute in _USER_DATA.items():
    _register_property("Auth.UserData", _name, _attribute, "")
for _name, (_attribute, _read_by) in _RESULT.items():
    _register_property("Auth.TokenValidationResult", _name, _attribute, _read_by)
