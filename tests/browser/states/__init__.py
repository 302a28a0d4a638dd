"""Every page and every state a person can bring it into, for tests that hold everywhere."""

from . import (
    api_access,
    apps,
    classes,
    define_handler,
    demos,
    deployments,
    enable_app,
    health,
    practice,
    users,
)

STATES = [
    *enable_app.STATES,
    *define_handler.STATES,
    *health.STATES,
    *apps.STATES,
    *users.STATES,
    *deployments.STATES,
    *api_access.STATES,
    *demos.STATES,
    *practice.STATES,
    *classes.STATES,
]
