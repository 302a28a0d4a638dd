"""Results of deployments and retrievals, with Salesforce's own fields.

The values are Python objects. The caller writes them as JSON, XML, or text, and leaves out
None. The fields are in the order of the schema (docs/salesforce/metadata-api.md, SOAP
operations).
"""

from typing import Any

from tokenx.metadata.deploy.progress import progress_of
from tokenx.metadata.models import ComponentMessage, Deployment, Status
from tokenx.org.models import User
from tokenx.org.record_ids import USER, record_id

from .retrieve import RetrievedComponent

# Deployments run no Apex tests.
_NO_TESTS = {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0}


def deploy_result(deployment: Deployment, *, include_details: bool) -> dict[str, Any]:
    """Return a DeployResult (docs/salesforce/product.md, Deployment results)."""
    canceled_by, created_by = deployment.canceled_by, deployment.created_by
    details = _details(deployment) if include_details else None
    return {
        "canceledBy": _id_of(canceled_by),
        "canceledByName": canceled_by and canceled_by.name,
        "checkOnly": deployment.check_only,
        "completedDate": deployment.completed_at,
        "createdBy": _id_of(created_by),
        "createdByName": created_by.name,
        "createdDate": deployment.created_at,
        "details": details,
        "done": deployment.is_done,
        "errorMessage": deployment.error_message or None,
        "errorStatusCode": deployment.error_code or None,
        "id": deployment.record_id,
        "ignoreWarnings": deployment.ignore_warnings,
        "lastModifiedDate": deployment.modified_at,
        **_numbers(deployment),
        "numberTestErrors": 0,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "rollbackOnError": deployment.rollback_on_error,
        "runTestsEnabled": False,
        "startDate": deployment.started_at,
        "stateDetail": _detail(deployment),
        "status": deployment.status,
        "success": deployment.is_success,
    }


def component_message(message: ComponentMessage) -> dict[str, Any]:
    """Return a DeployMessage. A failed component isn't created, changed, or deleted."""
    kind = "Warning" if message.is_warning else None if message.success else "Error"
    return {
        "changed": message.success and message.changed,
        "columnNumber": message.column or None,
        "componentType": message.type_name,
        "created": message.success and message.created,
        "createdDate": message.created_at,
        "deleted": message.success and message.deleted,
        "fileName": message.file_name,
        "fullName": message.full_name,
        "id": message.component_id or None,
        "lineNumber": message.line or None,
        "problem": _problem(message),
        "problemType": kind,
        "success": message.success,
    }


def _problem(message: ComponentMessage) -> str | None:
    """Return the problem. Salesforce has no field that says who gives a warning."""
    prefix = "tokenx: " if message.is_from_tokenx else ""
    return prefix + message.problem if message.problem else None


def file_properties(component: RetrievedComponent, file_name: str) -> dict[str, Any]:
    """Return the FileProperties of a retrieved file or a listed component."""
    created_by, modified_by = component.created_by, component.modified_by
    return {
        "createdById": _id_of(created_by),
        "createdByName": created_by and created_by.name,
        "createdDate": component.created_at,
        "fileName": file_name,
        "fullName": component.full_name,
        "id": component.component_id,
        "lastModifiedById": _id_of(modified_by),
        "lastModifiedByName": modified_by and modified_by.name,
        "lastModifiedDate": component.modified_at,
        "manageableState": "unmanaged",
        "type": component.type_name,
    }


def messages_of(deployment: Deployment) -> Any:
    """Return the messages about the components, in the order of deployment."""
    rows = ComponentMessage.objects.filter(org=deployment.org_id, deployment=deployment)
    return rows.order_by("number")


def _details(deployment: Deployment) -> dict[str, Any]:
    failures: list[dict[str, Any]] = []
    successes: list[dict[str, Any]] = []
    for message in messages_of(deployment).iterator():
        results = successes if message.success else failures
        results.append(component_message(message))
    return {
        "componentFailures": failures,
        "componentSuccesses": successes,
        "runTestResult": dict(_NO_TESTS),
    }


def _numbers(deployment: Deployment) -> dict[str, int]:
    """Return the counts, from memory if this process runs the deployment."""
    total, deployed = deployment.components_total, deployment.components_deployed
    progress = progress_of(deployment.pk)
    if progress and deployment.status == Status.IN_PROGRESS:
        # Each component counts twice: when it's read and when it's applied.
        total = progress.total
        deployed = min(max(0, progress.done - total), total)
    return {
        "numberComponentErrors": deployment.component_errors,
        "numberComponentsDeployed": deployed,
        "numberComponentsTotal": total,
    }


def _detail(deployment: Deployment) -> str | None:
    progress = progress_of(deployment.pk)
    return (progress.detail if progress else deployment.state_detail) or None


def _id_of(user: User | None) -> str | None:
    return record_id(USER, user.pk) if user else None
