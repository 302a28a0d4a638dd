"""The contents of metadata files as plain values, without models or XML.

Each field declares its element in a file and the element's rules
(docs/salesforce/product.md, Handler fields; Enabled app fields). reader.py and writer.py
use these declarations.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from .declarations import (
    NAME_LENGTH,
    NAMESPACE,
    TEXT_LENGTH,
    Contradiction,
    UnknownElement,
    element,
)
from .object_definitions import (
    CustomFieldDefinition,
    CustomLabelsDefinition,
    CustomMetadataDefinition,
    CustomObjectDefinition,
    NamedCredentialDefinition,
    PermissionSetDefinition,
)

__all__ = [
    "NAMESPACE",
    "CustomFieldDefinition",
    "CustomLabelsDefinition",
    "CustomMetadataDefinition",
    "CustomObjectDefinition",
    "NamedCredentialDefinition",
    "PermissionSetDefinition",
    "UnknownElement",
    "element",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnablementDefinition:
    """An app that's enabled for a handler."""

    type_name: ClassVar = "OauthTokenExchHandlerApp"

    run_as: str = element(
        "apexExecutionUser", length=80, is_required=True, refers_to="User"
    )
    connected_app: str | None = element(
        "connectedApp", length=NAME_LENGTH, refers_to="ConnectedApp"
    )
    external_app: str | None = element(
        "externalClientApp", length=NAME_LENGTH, refers_to="ExternalClientApplication"
    )
    is_default: bool = element("isDefault", is_required=True)

    @property
    def app(self) -> tuple[str, str]:
        """Return the element that names the app, and the app's API name."""
        if self.connected_app is not None:
            return "connectedApp", self.connected_app
        return "externalClientApp", self.external_app or ""

    @property
    def key(self) -> str:
        """Return a key that's equal for the same app in any spelling."""
        if self.connected_app is not None:
            return "connectedApp" + self.connected_app.lower()
        return "externalClientApp" + (self.external_app or "").lower()

    def contradictions(self) -> Iterable[Contradiction]:
        if self.connected_app is None and self.external_app is None:
            return [((), "Required field is missing: connectedApp or externalClientApp")]
        if self.connected_app is not None and self.external_app is not None:
            path = ("externalClientApp",)
            return [(path, "Only one of connectedApp and externalClientApp")]
        if not self.app[1].strip():
            return [(self.app[:1], f"Required field is missing: {self.app[0]}")]
        return ()


@dataclass(frozen=True, kw_only=True)
class HandlerDefinition:
    """OauthTokenExchangeHandler."""

    type_name: ClassVar = "OauthTokenExchangeHandler"

    developer_name: str = element("developerName", length=NAME_LENGTH, is_required=True)
    label: str = element("masterLabel", length=NAME_LENGTH, is_required=True)
    description: str = element(
        "description", length=TEXT_LENGTH, is_required=True, may_be_empty=True
    )
    apex_class: str = element(
        "tokenHandlerApex", length=NAME_LENGTH, is_required=True, refers_to="ApexClass"
    )
    is_enabled: bool = element("isEnabled", is_required=True)
    supports_access_token: bool = element("isAccessTokenSupported", is_required=True)
    supports_id_token: bool = element("isIdTokenSupported", is_required=True)
    supports_jwt: bool = element("isJwtSupported", is_required=True)
    supports_refresh_token: bool = element("isRefreshTokenSupported", is_required=True)
    supports_saml2: bool = element("isSaml2Supported", is_required=True)
    allows_user_creation: bool = element("isUserCreationAllowed", is_required=True)
    allows_contact_creation: bool | None = element("isContactCreationAllowed", since=65)
    is_protected: bool | None = element("isProtected")
    enablements: tuple[EnablementDefinition, ...] = element("enablements", default=())

    def contradictions(self) -> Iterator[Contradiction]:
        # A set of all apps would double the memory. Only apps with equal hashes can be
        # equal, and these are few.
        size = 10 * len(self.enablements) + 1
        met = bytearray(size)
        for enablement in self.enablements:
            mark = hash(enablement.key) % size
            met[mark] += met[mark] < 2
        if 2 not in met:
            return
        seen = set()
        for number, enablement in enumerate(self.enablements):
            key = enablement.key
            if met[hash(key) % size] < 2:
                continue
            element, name = enablement.app
            if name and key in seen:
                path = ("enablements", number, element)
                yield path, f"Duplicate enablement: {element} {name} is already listed"
            seen.add(key)


@dataclass(frozen=True, kw_only=True)
class ApexClassDefinition:
    """ApexClass: the values of -meta.xml. The code is `body`."""

    type_name: ClassVar = "ApexClass"

    api_version: str = element("apiVersion", is_required=True)
    status: str = element("status", default="Active")
    body: str = ""
    unknown_elements: tuple[UnknownElement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProfileDefinition:
    """Profile: only the file's name is used, which is the profile's name.

    A deployment gives the warning once for each file with contents.
    """

    type_name: ClassVar = "Profile"
    warning: ClassVar = (
        "The profile's contents weren't kept. It has no rights in Setup, except for those "
        "of a built-in profile"
    )

    is_custom: bool | None = element("custom")
    unknown_elements: tuple[UnknownElement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CertificateDefinition:
    """Certificate: the values of -meta.xml. The certificate itself is `body`.

    See docs/salesforce/product.md, Certificates.
    """

    type_name: ClassVar = "Certificate"

    is_ca_signed: bool = element("caSigned", is_required=True)
    is_encrypted: bool | None = element("encryptedWithPlatformEncryption")
    expiration_date: str | None = element("expirationDate")
    key_size: str | None = element("keySize")
    label: str = element("masterLabel", length=64, is_required=True)
    is_key_exportable: bool | None = element("privateKeyExportable")
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class RemoteSiteDefinition:
    """RemoteSiteSetting: docs/salesforce/product.md, Remote sites."""

    type_name: ClassVar = "RemoteSiteSetting"

    description: str | None = element("description", length=TEXT_LENGTH)
    disables_protocol_security: bool = element("disableProtocolSecurity", is_required=True)
    is_active: bool = element("isActive", is_required=True)
    url: str = element("url", is_required=True)


@dataclass(frozen=True, kw_only=True)
class OauthConfig:
    """A connected app's OAuth settings, by its developer."""

    type_name: ClassVar = "ConnectedAppOauthConfig"

    callback_url: str | None = element("callbackUrl")
    consumer_key: str | None = element("consumerKey")
    # Read, so an app keeps the secret that its clients know; never written.
    consumer_secret: str | None = element("consumerSecret")
    requires_admin_approval: bool | None = element("isAdminApproved")
    introspects_all_tokens: bool | None = element("isIntrospectAllTokens")
    rotates_refresh_tokens: bool | None = element("isRefreshTokenRotationEnabled")
    requires_secret: bool | None = element("isSecretRequiredForTokenExchange")
    allows_token_exchange: bool | None = element("isTokenExchangeEnabled")
    scopes: tuple[str, ...] = element("scopes", default=())
    unknown_elements: tuple[UnknownElement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OauthPolicy:
    """A connected app's OAuth policies, by the administrator."""

    type_name: ClassVar = "ConnectedAppOauthPolicy"

    policy_allows_token_exchange: bool | None = element("isTokenExchangeFlowEnabled")
    refresh_token_policy: str | None = element("refreshTokenPolicy")
    unknown_elements: tuple[UnknownElement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ConnectedAppDefinition:
    type_name: ClassVar = "ConnectedApp"

    contact_email: str = element("contactEmail", is_required=True)
    description: str | None = element("description", length=TEXT_LENGTH)
    label: str = element("label", length=NAME_LENGTH, is_required=True)
    oauth_config: OauthConfig | None = element("oauthConfig")
    oauth_policy: OauthPolicy | None = element("oauthPolicy")
    permission_sets: tuple[str, ...] = element("permissionSetName", default=())
    profiles: tuple[str, ...] = element("profileName", default=())
    unknown_elements: tuple[UnknownElement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExternalAppDefinition:
    """ExternalClientApplication: the app itself; OAuth is in the types below."""

    type_name: ClassVar = "ExternalClientApplication"

    contact_email: str = element("contactEmail", is_required=True)
    description: str | None = element("description", length=TEXT_LENGTH)
    label: str = element("label", length=NAME_LENGTH, is_required=True)
    unknown_elements: tuple[UnknownElement, ...] = ()


def _owning_app() -> Any:
    """Declare the app that one of the three types below belongs to."""
    name, kind = "externalClientApplication", ExternalAppDefinition.type_name
    return element(name, length=NAME_LENGTH, is_required=True, refers_to=kind)


@dataclass(frozen=True, kw_only=True)
class ExternalAppGlobalSettings:
    type_name: ClassVar = "ExtlClntAppGlobalOauthSettings"

    app: str = _owning_app()
    callback_url: str | None = element("callbackUrl")
    consumer_key: str | None = element("consumerKey")
    consumer_secret: str | None = element("consumerSecret")
    introspects_all_tokens: bool | None = element("isIntrospectAllTokens")
    rotates_refresh_tokens: bool | None = element("isRefreshTokenRotationEnabled")
    requires_secret: bool | None = element("isSecretRequiredForTokenExchange")
    allows_token_exchange: bool | None = element("isTokenExchangeEnabled")
    unknown_elements: tuple[UnknownElement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExternalAppSettings:
    type_name: ClassVar = "ExtlClntAppOauthSettings"

    app: str = _owning_app()
    scopes: str | None = element("commaSeparatedOauthScopes")
    unknown_elements: tuple[UnknownElement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExternalAppPolicies:
    type_name: ClassVar = "ExtlClntAppOauthConfigurablePolicies"

    app: str = _owning_app()
    # Names or record IDs.
    permission_sets: str | None = element("commaSeparatedPermissionSet")
    profiles: str | None = element("commaSeparatedProfile")
    policy_allows_token_exchange: bool | None = element("isTokenExchangeFlowEnabled")
    permitted_users: str | None = element("permittedUsersPolicyType")
    refresh_token_policy: str | None = element("refreshTokenPolicyType")
    refresh_token_validity: str | None = element("refreshTokenValidityPeriod")
    refresh_token_unit: str | None = element("refreshTokenValidityUnit")
    unknown_elements: tuple[UnknownElement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ManifestTypes:
    """Members of one type by name; `*` stands for all of them."""

    type_name: ClassVar = "PackageTypeMembers"

    members: tuple[str, ...] = element("members", default=())
    name: str = element("name", is_required=True)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Package: the contents of a package.xml or destructiveChanges.xml."""

    type_name: ClassVar = "Package"

    full_name: str | None = element("fullName")
    types: tuple[ManifestTypes, ...] = element("types", default=())
    version: str | None = element("version")


Definition = (
    HandlerDefinition
    | ApexClassDefinition
    | ProfileDefinition
    | RemoteSiteDefinition
    | CertificateDefinition
    | CustomObjectDefinition
    | CustomLabelsDefinition
    | CustomMetadataDefinition
    | NamedCredentialDefinition
    | PermissionSetDefinition
    | CustomFieldDefinition
    | ConnectedAppDefinition
    | ExternalAppDefinition
    | ExternalAppGlobalSettings
    | ExternalAppSettings
    | ExternalAppPolicies
)


class FileKind(NamedTuple):
    """The folder and the file name extension of a type in a package.

    A type with content has two files: the content, and its XML in -meta.xml.
    """

    definition: Any
    folder: str
    suffix: str
    has_content: bool = False


# By type name, in deployment order: referenced types come first.
TYPES = {
    kind.definition.type_name: kind
    for kind in (
        FileKind(CustomObjectDefinition, "objects", "object"),
        FileKind(CustomFieldDefinition, "objects/User/fields", "field"),
        FileKind(CustomLabelsDefinition, "labels", "labels"),
        FileKind(CustomMetadataDefinition, "customMetadata", "md"),
        FileKind(NamedCredentialDefinition, "namedCredentials", "namedCredential"),
        FileKind(RemoteSiteDefinition, "remoteSiteSettings", "remoteSite"),
        FileKind(CertificateDefinition, "certs", "crt", has_content=True),
        FileKind(ApexClassDefinition, "classes", "cls", has_content=True),
        FileKind(ProfileDefinition, "profiles", "profile"),
        FileKind(PermissionSetDefinition, "permissionsets", "permissionset"),
        FileKind(ConnectedAppDefinition, "connectedApps", "connectedApp"),
        FileKind(ExternalAppDefinition, "externalClientApps", "eca"),
        FileKind(ExternalAppGlobalSettings, "extlClntAppGlobalOauthSets", "ecaGlblOauth"),
        FileKind(ExternalAppSettings, "extlClntAppOauthSettings", "ecaOauth"),
        FileKind(ExternalAppPolicies, "extlClntAppOauthPolicies", "ecaOauthPlcy"),
        FileKind(
            HandlerDefinition, "oauthtokenexchangehandlers", "oauthtokenexchangehandler"
        ),
    )
}
