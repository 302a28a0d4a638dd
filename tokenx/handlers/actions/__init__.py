"""Atomic, audited actions on handlers and their enabled apps."""

from .enablements import edit_enablement, enable_app, remove_app
from .handlers import (
    create_handler,
    delete_handler,
    edit_handler,
    handler_values,
    set_handler_enabled,
)

__all__ = [
    "create_handler",
    "delete_handler",
    "edit_enablement",
    "edit_handler",
    "enable_app",
    "handler_values",
    "remove_app",
    "set_handler_enabled",
]
