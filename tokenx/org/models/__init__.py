from .apex_class import ApexClass
from .audit_entry import AuditEntry
from .client_app import ClientApp, Eligibility, PermittedUsers, Scope
from .gram import AppGram, UserGram
from .org import Org
from .user import Profile, User

__all__ = [
    "ApexClass",
    "AppGram",
    "AuditEntry",
    "ClientApp",
    "Eligibility",
    "Org",
    "PermittedUsers",
    "Profile",
    "Scope",
    "User",
    "UserGram",
]
