"""Deployments over REST (docs/salesforce/metadata-api.md, REST deployRequest)."""

from typing import IO, Any
from urllib.parse import urljoin

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tokenx.api.caller import Caller
from tokenx.api.calls.deploy import (
    cancel_deploy,
    check_deployment,
    deploy,
    deploy_recent_validation,
)
from tokenx.api.records.values import RestError
from tokenx.metadata.deploy.actions import Options
from tokenx.metadata.models import Deployment
from tokenx.metadata.retrieve.results import deploy_result

from .base import MAX_JSON, as_json, check_size, json_body, parse_object, rest_view

# Clients use either name for the part with the options.
_OPTIONS_PARTS = ("entity_content", "json")
_TEST_LEVELS = ("NoTestRun", "RunSpecifiedTests", "RunLocalTests", "RunAllTestsInOrg")


@rest_view("POST")
def deploy_requests(caller: Caller, request: HttpRequest) -> HttpResponse:
    """Queue a deployment of a zip file or of a successful validation."""
    caller.check_can_change()
    check_size(request)
    if (request.content_type or "").startswith("multipart/"):
        deployment = deploy(caller, _zip_file(request), _deploy_options(request))
    else:
        validation_id = str(json_body(request).get("validatedDeployRequestId") or "")
        deployment = deploy_recent_validation(caller, validation_id)
    return as_json(_deployment_data(caller, deployment), 201)


def _zip_file(request: HttpRequest) -> IO[bytes]:
    upload = request.FILES.get("file")
    if upload is None or upload.file is None:
        raise RestError("INVALID_MULTIPART_REQUEST", "The file part is missing")
    return upload.file


def _deploy_options(request: HttpRequest) -> Options:
    """Read the options; a value can be a string, and a missing option is off."""
    options = parse_object(_options_part(request)).get("deployOptions") or {}
    if not isinstance(options, dict):
        raise RestError("JSON_PARSER_ERROR", "deployOptions must be a JSON object")

    def flag(option: str) -> bool:
        return str(options.get(option, "")).lower() == "true"

    return Options(
        check_only=flag("checkOnly"),
        rollback_on_error=flag("rollbackOnError"),
        ignore_warnings=flag("ignoreWarnings"),
        purge_on_delete=flag("purgeOnDelete"),
        single_package=flag("singlePackage") or None,
        test_level=level if (level := options.get("testLevel")) in _TEST_LEVELS else "",
    )


def _options_part(request: HttpRequest) -> bytes | str:
    """Return the part with the options, which can have a file name or not."""
    for name in _OPTIONS_PARTS:
        if name in request.POST:
            return str(request.POST[name])
        if (part := request.FILES.get(name)) is not None:
            return part.read(MAX_JSON + 1)
    raise RestError("INVALID_MULTIPART_REQUEST", "The options part is missing")


@rest_view("GET", "HEAD", "PATCH")
def deploy_request(caller: Caller, request: HttpRequest, deployment_id: str) -> Any:
    """Return the status of a deployment, or cancel it with PATCH."""
    if request.method != "PATCH":
        deployment = check_deployment(caller, deployment_id)
        include_details = request.GET.get("includeDetails", "").lower() == "true"
        return _deployment_data(caller, deployment, include_details=include_details)
    result = json_body(request).get("deployResult")
    if not isinstance(result, dict) or result.get("status") != "Canceling":
        message = "You can only set the status to Canceling"
        raise RestError("INVALID_FIELD_FOR_INSERT_UPDATE", message, "status")
    deployment = cancel_deploy(caller, deployment_id)
    return as_json(_deployment_data(caller, deployment), 202)


def _deployment_data(
    caller: Caller, deployment: Deployment, *, include_details: bool = False
) -> dict[str, Any]:
    arguments = [caller.version_text, deployment.record_id]
    path = reverse("api:deploy-request", args=arguments)
    result = deploy_result(deployment, include_details=include_details)
    return {
        "id": deployment.record_id,
        "url": urljoin(caller.server_url, path),
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
