"""The names of OAuth scopes in files, which differ from those in Setup."""

from collections.abc import Iterable

from tokenx.org.models import Scope

_IN_FILES = {
    "Address": Scope.ADDRESS,
    "Api": Scope.API,
    "Basic": Scope.ID,
    "CDP": Scope.CDP_API,
    "CDPCalculatedInsight": Scope.CDP_CALCULATED_INSIGHT_API,
    "CDPIdentityResolution": Scope.CDP_IDENTITYRESOLUTION_API,
    "CDPIngest": Scope.CDP_INGEST_API,
    "CDPProfile": Scope.CDP_PROFILE_API,
    "CDPQuery": Scope.CDP_QUERY_API,
    "CDPSegment": Scope.CDP_SEGMENT_API,
    "Chatbot": Scope.CHATBOT_API,
    "Chatter": Scope.CHATTER_API,
    "Content": Scope.CONTENT,
    "CustomApplications": Scope.VISUALFORCE,
    "CustomPermissions": Scope.CUSTOM_PERMISSIONS,
    "DataCloudUserClaims": Scope.DATA_CLOUD_USER_CLAIMS,
    "Eclair": Scope.ECLAIR_API,
    "EinsteinGPT": Scope.EINSTEIN_GPT_API,
    "Email": Scope.EMAIL,
    "ForgotPassword": Scope.FORGOT_PASSWORD,
    "Full": Scope.FULL,
    "Interaction": Scope.INTERACTION_API,
    "Lightning": Scope.LIGHTNING,
    "MCP": Scope.MCP_API,
    "OfflineAccess": Scope.OFFLINE_ACCESS,
    "OpenID": Scope.OPENID,
    "Pardot": Scope.PARDOT_API,
    "Phone": Scope.PHONE,
    "Profile": Scope.PROFILE,
    "PwdlessLogin": Scope.PWDLESS_LOGIN_API,
    "RefreshToken": Scope.REFRESH_TOKEN,
    "SCRT": Scope.SCRT_API,
    "SFApiPlatform": Scope.SFAP_API,
    "UserRegistration": Scope.USER_REGISTRATION_API,
    "Wave": Scope.WAVE_API,
    "Web": Scope.WEB,
}
# Another name in files, from an older schema.
_ALIASES = {
    "SFAP": Scope.SFAP_API,
}
_FROM_FILES = {
    name.lower(): scope.value for name, scope in [*_IN_FILES.items(), *_ALIASES.items()]
}
_TO_FILES = {scope.value: name for name, scope in _IN_FILES.items()}


def from_file(names: Iterable[str]) -> list[str]:
    """Return the scopes with these names; unknown scopes stay unchanged."""
    return [_FROM_FILES.get(name.strip().lower(), name.strip()) for name in names]


def to_file(scopes: Iterable[str]) -> tuple[str, ...]:
    return tuple(_TO_FILES.get(scope, scope) for scope in scopes)


def from_commas(text: str) -> list[str]:
    return from_file(name for name in text.split(",") if name.strip())


def to_commas(scopes: Iterable[str]) -> str:
    return ", ".join(to_file(scopes))
