"""The platform's types: String, List, Auth.JWT, and so on."""

from .declarations import PlatformType, PropertySignature, Signature
from .library import (
    canonical_name,
    enum_members,
    platform_type,
    platform_types,
)

__all__ = [
    "PlatformType",
    "PropertySignature",
    "Signature",
    "canonical_name",
    "enum_members",
    "platform_type",
    "platform_types",
]
