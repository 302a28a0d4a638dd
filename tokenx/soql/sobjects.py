"""The objects that can be queried: fields and relationships, as data.

Names are spelled as in Salesforce. Fields whose values would be invented are left out.
Clients request the Organization's few constants when they log in.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet, Value

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org import record_ids
from tokenx.org.languages import ENCODINGS, LANGUAGES
from tokenx.org.models import (
    ApexClass,
    AuditEntry,
    Certificate,
    ClientApp,
    LoginRecord,
    Org,
    Profile,
    RemoteSite,
    StoredComponent,
    StoredType,
    User,
    UserField,
)
from tokenx.org.models.user_field import OBJECT
from tokenx.web import time_zones
from tokenx.web.locales import LOCALE_CHOICES

from .absent_fields import ABSENT_TEXTS
from .access_objects import access_objects
from .computed import (
    creates_contacts,
    developer_name,
    is_preauthorized,
    is_valid,
    locale,
    user_name,
)
from .organization import ORGANIZATION
from .schema import Expression, Field, OnlyWhere, Relationship, SObject


def _id(prefix: str, label: str) -> Field:
    return Field("Id", "id", label, "pk", prefix)


def _text(name: str, label: str, source: str, **options: Any) -> Field:
    return Field(name, "string", label, source, **options)


def _flag(name: str, label: str, source: str | Expression) -> Field:
    return Field(name, "boolean", label, source)


def _moment(name: str, label: str, source: str) -> Field:
    return Field(name, "datetime", label, source)


def _reference(
    name: str, label: str, source: str, prefix: str, only: OnlyWhere | None = None
) -> Field:
    return Field(name, "reference", label, source, prefix, only)


def _constant(value: bool | str) -> Expression:
    return lambda _: Value(value)


def _of(model: Any, **only: Any) -> Callable[[Org], QuerySet[Any]]:
    """Return the rows of an org."""
    return lambda org: model._default_manager.filter(org=org, **only)


def _modified(source: str = "modified_at") -> tuple[Field, ...]:
    return (
        _moment("LastModifiedDate", "Last Modified Date", source),
        _moment("SystemModstamp", "System Modstamp", source),
    )


_ZONES = tuple((name, name) for name in time_zones.current_names())

PROFILE = SObject(
    "Profile",
    (
        _id(record_ids.PROFILE, "Profile ID"),
        _text("Name", "Name", "name"),
        Field("UserType", "picklist", "User Type", _constant("Standard")),
    ),
    _of(Profile),
    record_ids.PROFILE,
)

USER = SObject(
    "User",
    (
        _id(record_ids.USER, "User ID"),
        _text("Username", "Username", "username", is_lower=True),
        Field("Name", "string", "Full Name", user_name),
        _text("FirstName", "First Name", "first_name"),
        _text("LastName", "Last Name", "last_name"),
        Field("Email", "email", "Email", "email"),
        _text("Alias", "Alias", "alias"),
        _text("CommunityNickname", "Nickname", "nickname"),
        _text("FederationIdentifier", "SAML Federation ID", "federation_id"),
        _reference("ProfileId", "Profile ID", "profile_id", record_ids.PROFILE),
        _flag("IsActive", "Active", "is_active"),
        # Always null: tokenx has no roles and no contacts.
        Field("UserRoleId", "reference", "Role ID", None, "00E"),
        Field("ContactId", "reference", "Contact ID", None, "003"),
        Field("AccountId", "reference", "Account ID", None, "001"),
        # Always null: tokenx's users don't have them.
        Field("ManagerId", "reference", "Manager ID", None, record_ids.USER),
        *(Field(name, "string", label, None) for name, label in ABSENT_TEXTS.items()),
        Field("UserType", "picklist", "User Type", _constant("Standard")),
        _moment("CreatedDate", "Created Date", "created_at"),
        *_modified(),
        Field("LastLoginDate", "datetime", "Last Login", "last_login", is_nullable=True),
        # Null: the browser's time zone.
        Field("TimeZoneSidKey", "picklist", "Time Zone", "time_zone", choices=_ZONES),
        Field("LocaleSidKey", "picklist", "Locale", locale, choices=(*LOCALE_CHOICES,)),
        Field(
            "LanguageLocaleKey",
            "picklist",
            "Language",
            "language",
            choices=(*LANGUAGES.items(),),
        ),
        Field(
            "EmailEncodingKey",
            "picklist",
            "Email Encoding",
            "email_encoding",
            choices=(*ENCODINGS.items(),),
        ),
    ),
    _of(User),
    record_ids.USER,
    (Relationship("Profile", PROFILE, "profile__"),),
)

APEX_CLASS = SObject(
    "ApexClass",
    (
        _id(record_ids.APEX_CLASS, "Class ID"),
        _text("Name", "Name", "name"),
        Field("Body", "textarea", "Body", "body"),
        Field("Status", "picklist", "Status", "status"),
        _flag("IsValid", "Is Valid", is_valid),
        *_modified(),
    ),
    _of(ApexClass),
    record_ids.APEX_CLASS,
)

CUSTOM_FIELD = SObject(
    "CustomField",
    (
        _id(record_ids.CUSTOM_FIELD, "Custom Field ID"),
        Field("DeveloperName", "string", "Developer Name", developer_name),
        Field("TableEnumOrId", "string", "Object", _constant(OBJECT)),
        *_modified(),
    ),
    _of(UserField),
    record_ids.CUSTOM_FIELD,
)

NAMED_CREDENTIAL = SObject(
    "NamedCredential",
    (
        _id(record_ids.NAMED_CREDENTIAL, "Named Credential ID"),
        _text("DeveloperName", "Name", "name"),
        *_modified(),
    ),
    _of(StoredComponent, type=StoredType.NAMED_CREDENTIAL),
    record_ids.NAMED_CREDENTIAL,
)

CERTIFICATE = SObject(
    "Certificate",
    (
        _id(record_ids.CERTIFICATE, "Certificate ID"),
        _text("DeveloperName", "Unique Name", "name"),
        _text("MasterLabel", "Label", "label"),
        _moment("ExpirationDate", "Expiration Date", "expires_at"),
        Field("KeySize", "int", "Key Size", "key_size"),
        _flag("OptionsIsCaSigned", "CA-Signed", "is_ca_signed"),
        _flag(
            "OptionsIsPrivateKeyExportable", "Exportable Private Key", "is_key_exportable"
        ),
        *_modified(),
    ),
    _of(Certificate),
    record_ids.CERTIFICATE,
)

REMOTE_PROXY = SObject(
    "RemoteProxy",
    (
        _id(record_ids.REMOTE_SITE, "Remote Site Setting ID"),
        _text("SiteName", "Remote Site Name", "name"),
        _text("EndpointUrl", "Remote Site URL", "url"),
        _text("Description", "Description", "description"),
        _flag("IsActive", "Active", "is_active"),
        _flag(
            "ProtocolMismatch", "Disable Protocol Security", "disables_protocol_security"
        ),
        *_modified(),
    ),
    _of(RemoteSite),
    record_ids.REMOTE_SITE,
)

CONNECTED_APPLICATION = SObject(
    "ConnectedApplication",
    (
        _id(record_ids.CONNECTED_APP, "Connected App ID"),
        _text("Name", "Connected App Name", "label"),
        _flag(
            "OptionsAllowAdminApprovedUsersOnly",
            "Admin Approved Users Only",
            is_preauthorized,
        ),
        _flag(
            "OptionsTokenExchangeManageBitEnabled",
            "Token Exchange Flow Enabled",
            "policy_allows_token_exchange",
        ),
        *_modified(),
    ),
    _of(ClientApp, kind=ClientApp.Kind.CONNECTED),
    record_ids.CONNECTED_APP,
)

EXTERNAL_CLIENT_APPLICATION = SObject(
    "ExternalClientApplication",
    (
        _id(record_ids.EXTERNAL_APP, "External Client App ID"),
        _text("DeveloperName", "API Name", "api_name"),
        _text("MasterLabel", "Label", "label"),
        _text("Description", "Description", "description"),
        Field("ContactEmail", "email", "Contact Email", "contact_email"),
        *_modified(),
    ),
    _of(ClientApp, kind=ClientApp.Kind.EXTERNAL),
    record_ids.EXTERNAL_APP,
)

HANDLER = SObject(
    "OauthTokenExchangeHandler",
    (
        _id(record_ids.HANDLER, "Token Exchange Handler ID"),
        _text("DeveloperName", "Name", "developer_name"),
        _text("MasterLabel", "Label", "label"),
        _text("Description", "Description", "description"),
        _reference(
            "TokenHandlerApexId", "Class ID", "apex_class_id", record_ids.APEX_CLASS
        ),
        _flag("IsEnabled", "Enabled", "is_enabled"),
        _flag("SupportedTokenTypesAccessToken", "Access Token", "supports_access_token"),
        _flag("SupportedTokenTypesIdToken", "ID Token", "supports_id_token"),
        _flag("SupportedTokenTypesJwt", "JWT", "supports_jwt"),
        _flag("SupportedTokenTypesRefreshToken", "Refresh Token", "supports_refresh_token"),
        _flag("SupportedTokenTypesSaml2", "SAML 2", "supports_saml2"),
        _flag("IsUserCreationAllowed", "Allow user creation", "allows_user_creation"),
        _flag("IsContactCreationAllowed", "Allow contact creation", creates_contacts),
        _reference("CreatedById", "Created By ID", "created_by_id", record_ids.USER),
        _moment("CreatedDate", "Created Date", "created_at"),
        _reference(
            "LastModifiedById", "Last Modified By ID", "modified_by_id", record_ids.USER
        ),
        *_modified(),
    ),
    _of(TokenExchangeHandler),
    record_ids.HANDLER,
    (
        Relationship("TokenHandlerApex", APEX_CLASS, "apex_class__"),
        Relationship("CreatedBy", USER, "created_by__"),
        Relationship("LastModifiedBy", USER, "modified_by__"),
    ),
)

# The row has a copy of the app's kind, which saves a join.
_CONNECTED = OnlyWhere("app_kind", ClientApp.Kind.CONNECTED)
_EXTERNAL = OnlyWhere("app_kind", ClientApp.Kind.EXTERNAL)

HANDLER_APP = SObject(
    "OauthTokenExchHandlerApp",
    (
        _id(record_ids.ENABLEMENT, "Token Exchange Handler App ID"),
        _reference(
            "OauthTokenExchangeHandlerId",
            "Token Exchange Handler ID",
            "handler_id",
            record_ids.HANDLER,
        ),
        _reference(
            "ApexExecutionUserId", "Execution User ID", "run_as_id", record_ids.USER
        ),
        _reference(
            "ConnectedApplicationId",
            "Connected App ID",
            "app_id",
            record_ids.CONNECTED_APP,
            _CONNECTED,
        ),
        _reference(
            "ExternalClientApplicationId",
            "External Client App ID",
            "app_id",
            record_ids.EXTERNAL_APP,
            _EXTERNAL,
        ),
        _flag("IsDefault", "Default", "is_default"),
        _moment("CreatedDate", "Created Date", "enabled_at"),
        *_modified(),
    ),
    _of(Enablement),
    record_ids.ENABLEMENT,
    (
        Relationship("OauthTokenExchangeHandler", HANDLER, "handler__"),
        Relationship("ApexExecutionUser", USER, "run_as__"),
        Relationship("ConnectedApplication", CONNECTED_APPLICATION, "app__", _CONNECTED),
        Relationship(
            "ExternalClientApplication", EXTERNAL_CLIENT_APPLICATION, "app__", _EXTERNAL
        ),
    ),
)

SETUP_AUDIT_TRAIL = SObject(
    "SetupAuditTrail",
    (
        _id(record_ids.AUDIT_ENTRY, "Setup Audit Trail ID"),
        _moment("CreatedDate", "Created Date", "created_at"),
        _reference("CreatedById", "Created By ID", "user_id", record_ids.USER),
        _text("Action", "Action", "action"),
        _text("Section", "Section", "section"),
        _text("Display", "Display", "display"),
        _text("DelegateUser", "Delegate User", "delegate_user"),
    ),
    lambda org: AuditEntry.objects.filter(org=org).kept(),
    record_ids.AUDIT_ENTRY,
    (Relationship("CreatedBy", USER, "user__"),),
)

LOGIN_HISTORY = SObject(
    "LoginHistory",
    (
        _id(record_ids.LOGIN, "Login ID"),
        _reference("UserId", "User ID", "user_id", record_ids.USER),
        _moment("LoginTime", "Login Time", "logged_in_at"),
        *(
            _text(name, LoginRecord.label_of(source), source)
            for name, source in {
                "SourceIp": "source_ip",
                "LoginType": "login_type",
                "LoginSubType": "login_subtype",
                "Status": "status",
                "Browser": "browser",
                "Platform": "platform",
                "Application": "application",
                "ClientVersion": "client_version",
                "ApiType": "api_type",
                "ApiVersion": "api_version",
                "LoginUrl": "login_url",
                "AuthenticationServiceId": "authentication_service_id",
            }.items()
        ),
    ),
    _of(LoginRecord),
    record_ids.LOGIN,
    owner="user_id",
)


SOBJECTS = {
    each.name.lower(): each
    for each in (
        HANDLER,
        HANDLER_APP,
        USER,
        PROFILE,
        *access_objects(USER),
        CONNECTED_APPLICATION,
        EXTERNAL_CLIENT_APPLICATION,
        APEX_CLASS,
        REMOTE_PROXY,
        CERTIFICATE,
        CUSTOM_FIELD,
        NAMED_CREDENTIAL,
        SETUP_AUDIT_TRAIL,
        LOGIN_HISTORY,
        ORGANIZATION,
    )
}
