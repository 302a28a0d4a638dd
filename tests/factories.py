"""Rows for tests: the factories of the scenarios, within one org unless told otherwise."""

from tokenx.training.scenarios.factories import (
    AccessTokenFactory,
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)

__all__ = [
    "AccessTokenFactory",
    "ApexClassFactory",
    "ClientAppFactory",
    "EnablementFactory",
    "IntegrationUserFactory",
    "OrgFactory",
    "TokenExchangeHandlerFactory",
    "UserFactory",
]
