from .access_token import AccessToken, MadeBy
from .apex_class import ApexClass, CompileStatus
from .apex_log import ApexLog, LogLocation
from .app_access import AppPermissionSet, AppProfile
from .audit_entry import AuditEntry
from .certificate import Certificate
from .client_app import ClientApp, Eligibility, PermittedUsers, RefreshTokenPolicy, Scope
from .exchange_example import ExchangeExample
from .gram import AppGram, UserGram
from .issuer import Issuer
from .login_failure import LoginFailure
from .login_record import LoginRecord
from .oauth_approval import OAuthApproval
from .org import Org
from .permission_set import PermissionSet, PermissionSetAssignment
from .profile import BuiltInProfile, Profile
from .remote_site import RemoteSite
from .signing_key import SigningKey
from .stored_component import StoredComponent, StoredType
from .trace_flag import DebugLevel, LogType, TraceFlag
from .user import User
from .user_field import UserField

__all__ = [
    "AccessToken",
    "ApexClass",
    "ApexLog",
    "AppGram",
    "AppPermissionSet",
    "AppProfile",
    "AuditEntry",
    "BuiltInProfile",
    "Certificate",
    "ClientApp",
    "CompileStatus",
    "DebugLevel",
    "Eligibility",
    "ExchangeExample",
    "Issuer",
    "LogLocation",
    "LogType",
    "LoginFailure",
    "LoginRecord",
    "MadeBy",
    "OAuthApproval",
    "Org",
    "PermissionSet",
    "PermissionSetAssignment",
    "PermittedUsers",
    "Profile",
    "RefreshTokenPolicy",
    "RemoteSite",
    "Scope",
    "SigningKey",
    "StoredComponent",
    "StoredType",
    "TraceFlag",
    "User",
    "UserField",
    "UserGram",
]
