"""deploy, and what is asked about a deployment afterwards."""

from typing import BinaryIO

from django.core.exceptions import ValidationError

from tokenx.api.caller import Caller, key_in
from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.deploy import actions, queue
from tokenx.metadata.deploy.actions import Options
from tokenx.metadata.models import Deployment, Source, Status
from tokenx.org.record_ids import DEPLOYMENT


def deploy(caller: Caller, zip_file: BinaryIO, options: Options) -> Deployment:
    """Queue what was sent. Raises Fault where it cannot even be kept."""
    caller.may_change()
    try:
        source = actions.receive_source(stream=zip_file, name="package.zip", by=caller.user)
    except ValidationError as error:
        raise Fault(FaultCode.LIMIT_EXCEEDED, " ".join(error.messages)) from error
    return _queued(caller, source, options)


def deploy_recent_validation(caller: Caller, validation_id: str) -> Deployment:
    """Deploy what a check found to be good: a quick deploy."""
    caller.may_change()
    checked = find_deployment(caller, validation_id)
    if not checked.check_only or checked.status != Status.SUCCEEDED:
        words = f"{checked.record_id} is not a validation that succeeded"
        raise Fault(FaultCode.INVALID_ID_FIELD, words)
    options = Options(
        rollback_on_error=checked.rollback_on_error,
        ignore_warnings=checked.ignore_warnings,
        purge_on_delete=checked.purge_on_delete,
        single_package=checked.single_package,
        test_level=checked.test_level,
    )
    return _queued(caller, checked.source, options)


def _queued(caller: Caller, source: Source, options: Options) -> Deployment:
    queued = actions.queue_deployment(source=source, options=options, by=caller.user)
    queue.wake(caller.org.pk)
    return queued


def find_deployment(caller: Caller, deployment_id: str) -> Deployment:
    """A deployment of the caller's org. Raises Fault for an unknown id."""
    caller.may_read()
    key = key_in(DEPLOYMENT, deployment_id)
    kept = Deployment.objects.kept(caller.org).filter(pk=key)
    if found := kept.select_related("created_by", "canceled_by", "source").first():
        return found
    raise Fault(FaultCode.INVALID_CROSS_REFERENCE_KEY, "invalid cross reference id")


def check_deployment(caller: Caller, deployment_id: str) -> Deployment:
    """How far it is. Whoever waits for one sees to it that somebody runs it."""
    found = find_deployment(caller, deployment_id)
    if not found.is_done:
        queue.wake_if_waiting(caller.org.pk)
        found = find_deployment(caller, deployment_id)
    return found


def cancel_deploy(caller: Caller, deployment_id: str) -> Deployment:
    """Stop it. Raises Fault where it is done already, as where it is unknown."""
    caller.may_change()
    found = find_deployment(caller, deployment_id)
    if found.is_done:
        words = f"Deployment already completed with status {found.status}"
        raise Fault(FaultCode.INVALID_ID_FIELD, words)
    actions.cancel_deployment(deployment=found, by=caller.user)
    found.refresh_from_db()
    return found
