"""Deployments: queue, check, quick deploy, and cancel."""

from typing import IO

from django.core.exceptions import ValidationError

from tokenx.api.caller import Caller, parse_record_id
from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.deploy import actions, queue
from tokenx.metadata.deploy.actions import Options
from tokenx.metadata.models import Deployment, Source, Status
from tokenx.org.record_ids import DEPLOYMENT


def deploy(caller: Caller, zip_file: IO[bytes], options: Options) -> Deployment:
    """Queue a deployment; raise a Fault if its zip file can't be stored."""
    caller.check_can_change()
    try:
        source = actions.receive_source(stream=zip_file, name="package.zip", by=caller.user)
    except ValidationError as error:
        raise Fault(FaultCode.LIMIT_EXCEEDED, " ".join(error.messages)) from error
    return _queue_deployment(caller, source, options)


def deploy_recent_validation(caller: Caller, validation_id: str) -> Deployment:
    """Deploy the files of a successful validation (a quick deploy)."""
    caller.check_can_change()
    validation = find_deployment(caller, validation_id)
    if not validation.check_only or validation.status != Status.SUCCEEDED:
        message = f"{validation.record_id} isn't a successful validation"
        raise Fault(FaultCode.INVALID_ID_FIELD, message)
    options = Options(
        rollback_on_error=validation.rollback_on_error,
        ignore_warnings=validation.ignore_warnings,
        purge_on_delete=validation.purge_on_delete,
        single_package=validation.single_package,
        test_level=validation.test_level,
    )
    return _queue_deployment(caller, validation.source, options)


def _queue_deployment(caller: Caller, source: Source, options: Options) -> Deployment:
    deployment = actions.queue_deployment(source=source, options=options, by=caller.user)
    queue.wake(caller.org.pk)
    return deployment


def find_deployment(caller: Caller, deployment_id: str) -> Deployment:
    """Return a deployment of the caller's org; raise a Fault for an unknown ID."""
    caller.check_can_view()
    pk = parse_record_id(DEPLOYMENT, deployment_id)
    deployments = Deployment.objects.kept(caller.org).filter(pk=pk)
    deployments = deployments.select_related("created_by", "canceled_by", "source")
    if deployment := deployments.first():
        return deployment
    raise Fault(FaultCode.INVALID_CROSS_REFERENCE_KEY, "invalid cross reference id")


def check_deployment(caller: Caller, deployment_id: str) -> Deployment:
    """Return a deployment with its current status; run the queue if no process does."""
    deployment = find_deployment(caller, deployment_id)
    if not deployment.is_done:
        queue.wake_if_waiting(caller.org.pk)
        deployment = find_deployment(caller, deployment_id)
    return deployment


def cancel_deploy(caller: Caller, deployment_id: str) -> Deployment:
    """Cancel a deployment; raise a Fault if it's completed or unknown."""
    caller.check_can_change()
    deployment = find_deployment(caller, deployment_id)
    if deployment.is_done:
        message = f"Deployment already completed with status {deployment.status}"
        raise Fault(FaultCode.INVALID_ID_FIELD, message)
    actions.cancel_deployment(deployment=deployment, by=caller.user)
    deployment.refresh_from_db()
    return deployment
