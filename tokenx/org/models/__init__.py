from .access_token import AccessToken, MadeBy
from .apex_class import ApexClass, CompileStatus
from .apex_log import ApexLog, LogLocation
from .app_access import AppPermissionSet, AppProfile
from .audit_entry import AuditEntry
from .certificate import Certificate
from .client_app import ClientApp, Eligibility, PermittedUsers, Scope
from .gram import AppGram, UserGram
from .issuer import Issuer
from .login_failure import LoginFailure
from .org import Org
from .permission_set import PermissionSet, PermissionSetAssignment
from .profile import BuiltInProfile, Profile
from .remote_site import RemoteSite
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
    "Issuer",
    "LogLocation",
    "LogType",
    "LoginFailure",
    "MadeBy",
    "Org",
    "PermissionSet",
    "PermissionSetAssignment",
    "PermittedUsers",
    "Profile",
    "RemoteSite",
    "Scope",
    "StoredComponent",
    "StoredType",
    "TraceFlag",
    "User",
    "UserField",
    "UserGram",
]
