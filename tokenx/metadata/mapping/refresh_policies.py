"""Refresh token policies in files: docs/salesforce/product.md, App settings.

A connected app's file has one text, such as `specific_lifetime:30:DAYS`. The file of an
external client app's policies has three elements. Text that isn't a policy becomes an
invalid value, which the app's rules refuse.
"""

from collections.abc import Mapping
from typing import Any

from tokenx.org.models import RefreshTokenPolicy
from tokenx.org.models.client_app import PERIODIC_POLICIES, ValidityUnit
from tokenx.setup.actions.apps import RefreshPolicy

DEFAULT = RefreshPolicy()
# The names of the fields, which are those of the elements in external client apps.
FIELDS = ("refresh_token_policy", "refresh_token_validity", "refresh_token_unit")
_TYPES = {
    RefreshTokenPolicy.INFINITE: "Infinite",
    RefreshTokenPolicy.ZERO: "Zero",
    RefreshTokenPolicy.INACTIVITY: "SpecificInactivity",
    RefreshTokenPolicy.LIFETIME: "SpecificLifetime",
}
_POLICIES = {name.lower(): policy.value for policy, name in _TYPES.items()}


def of_app(app: Any) -> RefreshPolicy:
    """Return an app's policy."""
    return RefreshPolicy(*(getattr(app, name) for name in FIELDS))


def from_text(text: str | None) -> RefreshPolicy:
    """Return the policy of a connected app's file."""
    if not text:
        return DEFAULT
    policy, *period = text.strip().split(":")
    policy = policy.lower()
    if policy in PERIODIC_POLICIES and len(period) == 2:
        number, unit = period[0], period[1].upper()
        if number.isdecimal() and unit in ValidityUnit.values:
            return RefreshPolicy(policy, _number(number), unit)
    elif policy not in PERIODIC_POLICIES and not period:
        return RefreshPolicy(policy if policy in RefreshTokenPolicy.values else text)
    # It's never the name of a policy, even if only the period is missing.
    return RefreshPolicy(text if period else f"{text}:")


def to_text(policy: RefreshPolicy) -> str:
    """Return the text in a connected app's file."""
    if policy.policy not in PERIODIC_POLICIES:
        return policy.policy
    return f"{policy.policy}:{policy.validity}:{policy.unit}"


def from_elements(values: Mapping[str, str | None]) -> RefreshPolicy:
    """Return the policy of an external client app's file, which has FIELDS.

    The period of a policy that has none is ignored.
    """
    name, number, unit = ((values.get(field) or "").strip() for field in FIELDS)
    policy = _POLICIES.get(name.lower(), name) if name else RefreshTokenPolicy.INFINITE
    if policy not in PERIODIC_POLICIES:
        return RefreshPolicy(policy)
    validity = _number(number) if number.isdecimal() else None
    return RefreshPolicy(policy, validity, unit.upper())


def to_elements(policy: RefreshPolicy) -> dict[str, str | None]:
    """Return the texts of FIELDS in an external client app's file."""
    name = _TYPES[RefreshTokenPolicy(policy.policy)]
    if policy.validity is None:
        return dict(zip(FIELDS, (name, None, None), strict=True))
    period = (str(policy.validity), policy.unit.capitalize())
    return dict(zip(FIELDS, (name, *period), strict=True))


def _number(digits: str) -> int:
    """Return the number; one that's far too large stays too large."""
    return int(digits[:9]) if len(digits) <= 9 else 10**9
