"""deployRequest: deploys over REST (facts/metadata-api.md 8.5)."""

from typing import Any, BinaryIO

from django.http import HttpRequest, HttpResponse

from tokenx.api.caller import Caller
from tokenx.api.calls import deploy as deploying
from tokenx.api.records.values import RefusedError
from tokenx.metadata.deploy.actions import Options
from tokenx.metadata.models import Deployment
from tokenx.metadata.retrieve.results import deploy_result

from .base import MAX_JSON, as_json, check_size, json_body, parsed, rest_view

# What clients call the part with the options.
_OPTIONS_PARTS = ("entity_content", "json")
_TEST_LEVELS = ("NoTestRun", "RunSpecifiedTests", "RunLocalTests", "RunAllTestsInOrg")


@rest_view("POST")
def deploy_requests(caller: Caller, request: HttpRequest) -> HttpResponse:
    """Queue a deployment of a zip, or of what a check found to be good."""
    caller.may_change()
    check_size(request)
    if (request.content_type or "").startswith("multipart/"):
        queued = deploying.deploy(caller, _zip_of(request), _options_of(request))
    else:
        asked = str(json_body(request).get("validatedDeployRequestId") or "")
        queued = deploying.deploy_recent_validation(caller, asked)
    return as_json(_answer(caller, queued), 201)


def _zip_of(request: HttpRequest) -> BinaryIO:
    sent = request.FILES.get("file")
    if sent is None:
        raise RefusedError("INVALID_MULTIPART_REQUEST", "The part file is missing")
    return sent.file  # type: ignore[return-value]


def _options_of(request: HttpRequest) -> Options:
    """The options; values may be texts, and what is not said is off."""
    for name in _OPTIONS_PARTS:
        if name in request.POST:
            said = parsed(str(request.POST[name])).get("deployOptions") or {}
            break
        if name in request.FILES:
            part = request.FILES[name].read(MAX_JSON + 1)  # type: ignore[union-attr]
            said = parsed(part).get("deployOptions") or {}
            break
    else:
        raise RefusedError("INVALID_MULTIPART_REQUEST", "The options are missing")
    if not isinstance(said, dict):
        raise RefusedError("JSON_PARSER_ERROR", "The options are no JSON object")

    def flag(option: str) -> bool:
        return str(said.get(option, "")).lower() == "true"

    return Options(
        check_only=flag("checkOnly"),
        rollback_on_error=flag("rollbackOnError"),
        ignore_warnings=flag("ignoreWarnings"),
        purge_on_delete=flag("purgeOnDelete"),
        single_package=flag("singlePackage") or None,
        test_level=level if (level := said.get("testLevel")) in _TEST_LEVELS else "",
    )


@rest_view("GET", "HEAD", "PATCH")
def deploy_request(caller: Caller, request: HttpRequest, deployment_id: str) -> Any:
    """How far a deployment is; with PATCH, cancel it."""
    if request.method != "PATCH":
        found = deploying.check_deployment(caller, deployment_id)
        is_whole = request.GET.get("includeDetails", "").lower() == "true"
        return _answer(caller, found, include_details=is_whole)
    said = json_body(request).get("deployResult")
    if not isinstance(said, dict) or said.get("status") != "Canceling":
        words = "Only the status Canceling can be set"
        raise RefusedError("INVALID_FIELD_FOR_INSERT_UPDATE", words, "status")
    canceled = deploying.cancel_deploy(caller, deployment_id)
    return as_json(_answer(caller, canceled), 202)


def _answer(
    caller: Caller, deployment: Deployment, *, include_details: bool = False
) -> dict[str, Any]:
    root = f"{caller.server}/services/data/v{caller.version_text}"
    result = deploy_result(deployment, include_details=include_details)
    return {
        "id": deployment.record_id,
        "url": f"{root}/metadata/deployRequest/{deployment.record_id}",
        "validatedDeployRequestId": None,
        "deployResult": result,
        "deployOptions": {
            "checkOnly": deployment.check_only,
            "rollbackOnError": deployment.rollback_on_error,
            "ignoreWarnings": deployment.ignore_warnings,
            "purgeOnDelete": deployment.purge_on_delete,
            "singlePackage": deployment.single_package is not False,
            "testLevel": deployment.test_level or None,
        },
    }
