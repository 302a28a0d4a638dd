"""The operations as SOAP has them: parameters in, results out (facts/metadata-api.md 6)."""

from collections.abc import Callable, Iterator
from typing import Any

from tokenx.api.caller import Caller
from tokenx.api.calls import crud
from tokenx.api.calls import deploy as deploying
from tokenx.api.calls import retrieve as retrieving
from tokenx.api.calls.crud import CalledComponent, Saved, called
from tokenx.metadata.deploy.actions import Options
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.retrieve.results import deploy_result
from tokenx.org.record_ids import DEPLOYMENT

from .components import read_component
from .describe import describe_metadata, describe_value_type, kind_of
from .reader import Fault, FaultCode, Node, SoapRequest
from .writer import NIL, Record

Operation = Callable[[Caller, SoapRequest], Any]


def run(caller: Caller, request: SoapRequest) -> Any:
    """The result of the operation, as write_response() takes it. Raises Fault."""
    operation = OPERATIONS.get(request.operation)
    if operation is None:
        words = f"No operation available for request {request.operation[:100]}"
        raise Fault(FaultCode.INVALID_OPERATION, words)
    return operation(caller, request)


# --- Files ---


def deploy(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    if request.zip_file is None:
        raise Fault(FaultCode.CLIENT, "deploy: the parameter ZipFile is missing")
    options = request.parameters.child("DeployOptions") or Node("DeployOptions")
    queued = deploying.deploy(caller, request.zip_file, options_of(options))  # type: ignore[arg-type]
    return {"done": False, "id": queued.record_id, "state": "Queued"}


def options_of(said: Node) -> Options:
    """What is not said is off. Options that mean nothing here are passed over."""
    return Options(
        check_only=said.flag("checkOnly"),
        rollback_on_error=said.flag("rollbackOnError"),
        ignore_warnings=said.flag("ignoreWarnings"),
        purge_on_delete=said.flag("purgeOnDelete"),
        # Where it is not said, the zip itself shows it: facts/metadata-api.md 7.1.
        single_package=said.flag("singlePackage") or None,
        test_level=said.text_of("testLevel")[:30],
    )


def check_deploy_status(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    asked = request.parameters
    found = deploying.check_deployment(caller, asked.first("asyncProcessId"))
    return deploy_result(found, include_details=asked.flag("includeDetails"))


def cancel_deploy(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    canceled = deploying.cancel_deploy(caller, request.parameters.sole().text)
    return {"done": canceled.is_done, "id": canceled.record_id}


def deploy_recent_validation(caller: Caller, request: SoapRequest) -> str:
    validation_id = request.parameters.sole().text
    return deploying.deploy_recent_validation(caller, validation_id).record_id


def retrieve(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    asked = request.parameters.sole()
    unpackaged = asked.child("unpackaged") or Node("unpackaged")
    members: dict[str, list[str]] = {}
    for types in unpackaged.children_named("types"):
        names = [each.text.strip() for each in types.children_named("members")]
        members.setdefault(types.text_of("name").strip(), []).extend(names)
    made = retrieving.retrieve(
        caller,
        members=members,
        version=unpackaged.text_of("version") or asked.text_of("apiVersion"),
        single_package=asked.flag("singlePackage"),
        specific_files=[e.text.strip() for e in asked.children_named("specificFiles")],
        package_names=[e.text for e in asked.children_named("packageNames") if e.text],
    )
    return {"done": False, "id": made.record_id, "state": "Queued"}


def check_retrieve_status(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    asked = request.parameters
    found = retrieving.find_retrieval(caller, asked.first("asyncProcessId"))
    result = retrieving.retrieve_result(caller, found)
    return {
        "done": True,
        "fileProperties": result.properties,
        "id": found.record_id,
        "messages": [
            {"fileName": name, "problem": problem} for name, problem in result.messages
        ],
        "status": "Succeeded",
        "success": True,
        "zipFile": result.open_zip() if asked.flag("includeZip", default=True) else None,
    }


def check_status(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    """An old call, without which CumulusCI cannot retrieve."""
    asked = request.parameters.first("asyncProcessId")
    if asked.startswith(DEPLOYMENT):
        done = deploying.check_deployment(caller, asked).is_done
    else:
        retrieving.find_retrieval(caller, asked)
        done = True
    return {"done": done, "id": asked, "state": "Completed" if done else "InProgress"}


# --- What there is ---


def list_metadata(caller: Caller, request: SoapRequest) -> Iterator[dict[str, Any]]:
    queries = request.parameters.children_named("queries")
    types = [each.text_of("type").strip() for each in queries]
    return retrieving.list_metadata(caller, types)


def describe(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    caller.may_read()
    return describe_metadata()


def describe_type(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    caller.may_read()
    return describe_value_type(request.parameters.sole().text, caller.version)


def read_metadata(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    asked = request.parameters
    type_name = _type(asked)
    names = [each.text for each in asked.children_named("fullNames")]
    found = retrieving.read_metadata(caller, type_name, names)
    records = [
        Record(each.full_name, each.definition, caller.version) if each else NIL
        for each in found
    ]
    return {"records": records}


# --- Components ---


def create_metadata(caller: Caller, request: SoapRequest) -> list[dict[str, Any]]:
    return _save(caller, request, may_create=True, may_update=False)


def update_metadata(caller: Caller, request: SoapRequest) -> list[dict[str, Any]]:
    return _save(caller, request, may_create=False, may_update=True)


def upsert_metadata(caller: Caller, request: SoapRequest) -> list[dict[str, Any]]:
    return _save(caller, request, may_create=True, may_update=True, says_created=True)


def _save(
    caller: Caller,
    request: SoapRequest,
    *,
    may_create: bool,
    may_update: bool,
    says_created: bool = False,
) -> list[dict[str, Any]]:
    nodes = request.parameters.children_named("metadata")
    caller.may_change()
    crud.check_number(nodes)
    saved = crud.save(
        caller,
        [_read(node) for node in nodes],
        may_create=may_create,
        may_update=may_update,
        all_or_none=request.all_or_none,
    )
    return [_result(each, says_created=says_created) for each in saved]


def _read(node: Node) -> CalledComponent:
    """A component of a call; one that is not as it has to be has its problems instead."""
    kind = kind_of(node.type)
    type_name = kind.definition.type_name
    full_name = node.text_of("fullName").strip()
    try:
        _, definition = read_component(node, kind.definition)
    except MetadataError as error:
        return called(type_name, full_name, None, error.problems)
    return called(type_name, full_name, definition)


def _result(saved: Saved, *, says_created: bool = False) -> dict[str, Any]:
    return {
        "created": saved.created if says_created else None,
        "errors": [
            {"message": sentence, "statusCode": code} for code, sentence in saved.errors
        ],
        "fullName": saved.full_name,
        "success": saved.success,
    }


def delete_metadata(caller: Caller, request: SoapRequest) -> list[dict[str, Any]]:
    asked = request.parameters
    deleted = crud.delete(
        caller,
        _type(asked),
        [each.text.strip() for each in asked.children_named("fullNames")],
        all_or_none=request.all_or_none,
    )
    return [_result(each) for each in deleted]


def rename_metadata(caller: Caller, request: SoapRequest) -> dict[str, Any]:
    asked = request.parameters
    old, new = asked.text_of("oldFullName").strip(), asked.text_of("newFullName").strip()
    return _result(crud.rename(caller, _type(asked), old, new))


def _type(asked: Node) -> str:
    """The name of a type that is known here. Raises Fault for another."""
    type_name: str = kind_of(asked.first("type")).definition.type_name
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
