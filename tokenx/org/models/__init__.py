from .access_token import AccessToken, MadeBy
from .apex_class import ApexClass, CompileStatus
from .audit_entry import AuditEntry
from .client_app import ClientApp, Eligibility, PermittedUsers, Scope
from .gram import AppGram, UserGram
from .login_failure import LoginFailure
from .org import Org
from .user import Profile, User

__all__ = [
    "AccessToken",
    "ApexClass",
    "AppGram",
    "AuditEntry",
    "ClientApp",
    "CompileStatus",
    "Eligibility",
    "LoginFailure",
    "MadeBy",
    "Org",
    "PermittedUsers",
    "Profile",
    "Scope",
    "User",
    "UserGram",
]
