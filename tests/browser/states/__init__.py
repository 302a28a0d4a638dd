"""All pages in all states that users can reach."""

from . import (
    api_access,
    apps,
    certificates,
    classes,
    debug_logs,
    define_handler,
    demos,
    deployments,
    enable_app,
    health,
    issuers,
    permission_sets,
    practice,
    profiles,
    remote_sites,
    stored_components,
    user_fields,
    users,
)

GROUPS = {
    "enable_app": enable_app.STATES,
    "define_handler": define_handler.STATES,
    "health": health.STATES,
    "apps": apps.STATES,
    "users": users.STATES,
    "profiles": profiles.STATES,
    "permission_sets": permission_sets.STATES,
    "remote_sites": remote_sites.STATES,
    "certificates": certificates.STATES,
    "debug_logs": debug_logs.STATES,
    "user_fields": user_fields.STATES,
    "stored_components": stored_components.STATES,
    "issuers": issuers.STATES,
    "deployments": deployments.STATES,
    "api_access": api_access.STATES,
    "demos": demos.STATES,
    "practice": practice.STATES,
    "classes": classes.STATES,
}
STATES = [state for states in GROUPS.values() for state in states]
