"""Rows for tests: the factories of the scenarios, within one org unless told otherwise."""

from tokenx.training.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)

__all__ = [
    "ApexClassFactory",
    "ClientAppFactory",
    "EnablementFactory",
    "IntegrationUserFactory",
    "OrgFactory",
    "TokenExchangeHandlerFactory",
    "UserFactory",
]
