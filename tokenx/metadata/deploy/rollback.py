"""Rollback: if one component fails, the whole deployment is rolled back.

Without rollbackOnError, components that succeed are kept. A check is always rolled back.
"""

from django.db import transaction

from tokenx.metadata.models import Deployment, Status

from .compile_packages import recompile_if_changed
from .engine import DeploymentRun, ReadPackages
from .messages import Message
from .progress import Progress


class _DeploymentRolledBackError(Exception):
    """Every component was tried, and the changes aren't kept."""


def apply_packages(
    deployment: Deployment, read: ReadPackages, progress: Progress
) -> tuple[Status, list[Message]]:
    """Deploy the packages, and roll back checks and failures."""
    try:
        with transaction.atomic():
            recompile_if_changed(read, deployment.org_id)
            messages = DeploymentRun(deployment.created_by, progress).run(read)
            status = final_status(deployment, messages)
            if deployment.check_only or status == Status.FAILED:
                raise _DeploymentRolledBackError
    except _DeploymentRolledBackError:
        for message in messages:
            if message.created:
                message.component_id = ""
    return status, messages


def final_status(deployment: Deployment, messages: list[Message]) -> Status:
    """Return the final status, and mark warnings as failures unless they're ignored.

    tokenx's own warnings are never failures: Salesforce wouldn't give them.
    See docs/salesforce/product.md, Deployment options.
    """
    if not deployment.ignore_warnings:
        for message in messages:
            is_failure = message.is_warning and not message.is_from_tokenx
            message.success = message.success and not is_failure
    if all(message.success for message in messages):
        return Status.SUCCEEDED
    is_any = any(message.success and message.type_name for message in messages)
    if is_any and not deployment.rollback_on_error:
        return Status.SUCCEEDED_PARTIAL
    return Status.FAILED
