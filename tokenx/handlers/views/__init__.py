from .define import (
    apex_class_lookup,
    create_handler,
    delete_handler,
    edit_handler,
    propose_api_name,
    switch_handler,
)
from .enable_app import app_lookup, enable_app, enable_app_notices, user_lookup
from .enabled_app import edit_enablement, remove_app
from .handler import detail, handler_list

__all__ = [
    "apex_class_lookup",
    "app_lookup",
    "create_handler",
    "delete_handler",
    "detail",
    "edit_enablement",
    "edit_handler",
    "enable_app",
    "enable_app_notices",
    "handler_list",
    "propose_api_name",
    "remove_app",
    "switch_handler",
    "user_lookup",
]
