"""The SOAP operations, from parameters to results.

See docs/salesforce/metadata-api.md, SOAP operations.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tokenx.api.caller import Caller
from tokenx.api.calls import components as component_calls
from tokenx.api.calls import deploy as deploy_calls
from tokenx.api.calls import retrieve as retrieve_calls
from tokenx.api.calls.components import ComponentResult, InlineComponent, inline_component
from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.deploy.actions import Options
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.retrieve.results import deploy_result
from tokenx.org.record_ids import DEPLOYMENT

from .components import read_component
from .describe import describe_metadata, describe_value_type, kind_of
from .reader import SoapNode, SoapRequest
from .writer import NIL, MetadataRecord

Operation = Callable[[Caller, SoapRequest], Any]


def run_operation(caller: Caller, request: SoapRequest) -> Any:
    """Return the result of the operation for write_response(), or raise a Fault."""
    operation = OPERATIONS.get(request.operation)
    if operation is None:
        message = f"No operation available for request {request.operation[:100]}"
        raise Fault(FaultCode.INVALID_OPERATION, message)
    return operation(caller, request)


# --- Files ---


def deploy(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    if request.zip_file is None:
        raise Fault(FaultCode.CLIENT, "deploy: the parameter ZipFile is missing")
    node = request.parameters.child("DeployOptions") or SoapNode("DeployOptions")
    options = deploy_options(node)
    deployment = deploy_calls.deploy(caller, request.zip_file, options)
    return {"done": False, "id": deployment.record_id, "state": "Queued"}


def deploy_options(node: SoapNode) -> Options:
    """Read the options; missing ones are off, and unknown ones are ignored."""
    return Options(
        check_only=node.flag("checkOnly"),
        rollback_on_error=node.flag("rollbackOnError"),
        ignore_warnings=node.flag("ignoreWarnings"),
        purge_on_delete=node.flag("purgeOnDelete"),
        # If it isn't set, the zip decides
        # (docs/salesforce/metadata-api.md, Deploy archives).
        single_package=node.flag("singlePackage") or None,
        test_level=node.text_of("testLevel")[:30],
    )


def check_deploy_status(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    parameters = request.parameters
    deployment = deploy_calls.check_deployment(caller, parameters.first("asyncProcessId"))
    include_details = parameters.flag("includeDetails")
    return deploy_result(deployment, include_details=include_details)


def cancel_deploy(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    deployment = deploy_calls.cancel_deploy(caller, request.parameters.sole().text)
    return {"done": deployment.is_done, "id": deployment.record_id}


def deploy_recent_validation(caller: Caller, request: SoapRequest) -> str:
    validation_id = request.parameters.sole().text
    return deploy_calls.deploy_recent_validation(caller, validation_id).record_id


def retrieve(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    parameters = request.parameters.sole()
    unpackaged = parameters.child("unpackaged") or SoapNode("unpackaged")
    members: dict[str, list[str]] = {}
    for types in unpackaged.children_named("types"):
        names = [each.text.strip() for each in types.children_named("members")]
        members.setdefault(types.text_of("name").strip(), []).extend(names)
    retrieval = retrieve_calls.retrieve(
        caller,
        members=members,
        version=unpackaged.text_of("version") or parameters.text_of("apiVersion"),
        single_package=parameters.flag("singlePackage"),
        specific_files=[
            each.text.strip() for each in parameters.children_named("specificFiles")
        ],
        package_names=[
            each.text for each in parameters.children_named("packageNames") if each.text
        ],
    )
    return {"done": False, "id": retrieval.record_id, "state": "Queued"}


def check_retrieve_status(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    parameters = request.parameters
    retrieval = retrieve_calls.find_retrieval(caller, parameters.first("asyncProcessId"))
    result = retrieve_calls.retrieve_result(caller, retrieval)
    includes_zip = parameters.flag("includeZip", default=True)
    return {
        "done": True,
        "fileProperties": result.properties,
        "id": retrieval.record_id,
        "messages": [
            {"fileName": name, "problem": problem} for name, problem in result.messages
        ],
        "status": "Succeeded",
        "success": True,
        "zipFile": result.open_zip() if includes_zip else None,
    }


def check_status(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    """Return the state of a deployment or a retrieve; CumulusCI needs this old call."""
    process_id = request.parameters.first("asyncProcessId")
    if process_id.startswith(DEPLOYMENT):
        done = deploy_calls.check_deployment(caller, process_id).is_done
    else:
        retrieve_calls.find_retrieval(caller, process_id)
        done = True
    return {"done": done, "id": process_id, "state": "Completed" if done else "InProgress"}


# --- Lists and descriptions ---


def list_metadata(caller: Caller, request: SoapRequest) -> Iterator[dict[str, Any]]:
    queries = request.parameters.children_named("queries")
    types = [each.text_of("type").strip() for each in queries]
    return retrieve_calls.list_metadata(caller, types)


def describe(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    caller.check_can_view()
    return describe_metadata()


def describe_type(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    caller.check_can_view()
    return describe_value_type(request.parameters.sole().text, caller.version)


def read_metadata(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    parameters = request.parameters
    type_name = _type_name(parameters)
    names = [each.text for each in parameters.children_named("fullNames")]
    components = retrieve_calls.read_metadata(caller, type_name, names)
    records = [
        MetadataRecord(each.full_name, each.definition, caller.version) if each else NIL
        for each in components
    ]
    return {"records": records}


# --- Components ---


def create_metadata(caller: Caller, request: SoapRequest) -> list[dict[str, Any]]:
    return _save(caller, request, may_create=True, may_update=False)


def update_metadata(caller: Caller, request: SoapRequest) -> list[dict[str, Any]]:
    return _save(caller, request, may_create=False, may_update=True)


def upsert_metadata(caller: Caller, request: SoapRequest) -> list[dict[str, Any]]:
    return _save(caller, request, may_create=True, may_update=True, includes_created=True)


def _save(
    caller: Caller,
    request: SoapRequest,
    *,
    may_create: bool,
    may_update: bool,
    includes_created: bool = False,
) -> list[dict[str, Any]]:
    nodes = request.parameters.children_named("metadata")
    caller.check_can_change()
    component_calls.check_count(nodes)
    results = component_calls.save(
        caller,
        [_read_component(node) for node in nodes],
        may_create=may_create,
        may_update=may_update,
        all_or_none=request.all_or_none,
    )
    return [_result_row(each, includes_created=includes_created) for each in results]


def _read_component(node: SoapNode) -> InlineComponent:
    """Read a component of a call; an invalid one has problems instead of a definition."""
    kind = kind_of(node.type)
    type_name = kind.definition.type_name
    full_name = node.text_of("fullName").strip()
    try:
        _, definition = read_component(node, kind.definition)
    except MetadataError as error:
        return inline_component(type_name, full_name, None, error.problems)
    return inline_component(type_name, full_name, definition)


def _result_row(
    result: ComponentResult, *, includes_created: bool = False
) -> dict[str, Any]:
    return {
        "created": result.created if includes_created else None,
        "errors": [
            {"message": message, "statusCode": code} for code, message in result.errors
        ],
        "fullName": result.full_name,
        "success": result.success,
    }


def delete_metadata(caller: Caller, request: SoapRequest) -> list[dict[str, Any]]:
    parameters = request.parameters
    results = component_calls.delete(
        caller,
        _type_name(parameters),
        [each.text.strip() for each in parameters.children_named("fullNames")],
        all_or_none=request.all_or_none,
    )
    return [_result_row(each) for each in results]


def rename_metadata(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    parameters = request.parameters
    old_name = parameters.text_of("oldFullName").strip()
    new_name = parameters.text_of("newFullName").strip()
    return _result_row(
        component_calls.rename(caller, _type_name(parameters), old_name, new_name)
    )


def _type_name(parameters: SoapNode) -> str:
    """Return the name of the type, or raise a Fault for an unknown one."""
    type_name: str = kind_of(parameters.first("type")).definition.type_name
    return type_name


OPERATIONS: dict[str, Operation] = {
    "cancelDeploy": cancel_deploy,
    "checkDeployStatus": check_deploy_status,
    "checkRetrieveStatus": check_retrieve_status,
    "checkStatus": check_status,
    "createMetadata": create_metadata,
    "deleteMetadata": delete_metadata,
    "deploy": deploy,
    "deployRecentValidation": deploy_recent_validation,
    "describeMetadata": describe,
    "describeValueType": describe_type,
    "listMetadata": list_metadata,
    "readMetadata": read_metadata,
    "renameMetadata": rename_metadata,
    "retrieve": retrieve,
    "updateMetadata": update_metadata,
    "upsertMetadata": upsert_metadata,
}
