"""deploy and the calls about a deployment, as API clients see them."""

import re
from base64 import b64encode
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.metadata.deploy.deploying import (
    EVERYTHING,
    connected_app,
    deletions,
    enabled,
    handler,
    manifest,
    package,
    queued,
)
from tests.metadata.package.zips import zip_of
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.format.definitions import NAMESPACE
from tokenx.metadata.models import Deployment, Status
from tokenx.org.models import AuditEntry, ClientApp
from tokenx.org.record_ids import USER, record_id

from .calling import HANDLER, Soap, fault_of, header, many
from .soap.calls import REQUESTS, envelope

FILE = "oauthtokenexchangehandlers/Mine.oauthtokenexchangehandler"
UNKNOWN = (
    "sf:INVALID_CROSS_REFERENCE_KEY",
    "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id",
)
DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
BROKEN = f'<{HANDLER} xmlns="{NAMESPACE}">\n  <isEnabled></isEnable>\n'.encode()


def options(**values):
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def request(files, **values):
    data = files if isinstance(files, bytes) else zip_of(files).getvalue()
    values = {"rollbackOnError": "true", "singlePackage": "true"} | values
    return (
        f"<deploy><ZipFile>{b64encode(data).decode()}</ZipFile>"
        f"<DeployOptions>{options(**values)}</DeployOptions></deploy>"
    )


def status_of(soap, deployment_id, details="true"):
    return soap.result(
        f"<checkDeployStatus><asyncProcessId>{deployment_id}</asyncProcessId>"
        f"<includeDetails>{details}</includeDetails></checkDeployStatus>"
    )


def deploy(soap, files, **values):
    """Deploy the files, and return the result of checkDeployStatus."""
    return status_of(soap, soap.result(request(files, **values))["id"])


def rows(result, kind):
    return many(result["details"], kind)


def running(by):
    """Return a deployment that another process runs, for which later ones wait."""
    deployment = queued(by, package(handler()))
    until = timezone.now() + timedelta(minutes=1)
    Deployment.objects.filter(pk=deployment.pk).update(
        status=Status.IN_PROGRESS, lease_until=until, attempt=1
    )
    return deployment


# --- deploy, checkDeployStatus ---------------------------------------------------------


def test_a_deployment_is_queued(soap, apps):
    result = soap.result(request(package(handler())))

    assert re.fullmatch("0Af[0-9A-Za-z]{15}", result["id"])
    assert result == {"done": "false", "id": result["id"], "state": "Queued"}


def test_the_status_has_all_elements_that_clients_read(soap, apps, admin):
    result = deploy(soap, package(handler("Mine", "Billing")))

    details = result.pop("details")
    dates = {name: result.pop(name) for name in list(result) if name.endswith("Date")}
    assert set(dates) == {"completedDate", "createdDate", "lastModifiedDate", "startDate"}
    assert all(re.fullmatch(DATE, date) for date in dates.values())
    assert result == {
        "checkOnly": "false",
        "createdBy": record_id(USER, admin.pk),
        "createdByName": "Ada Admin",
        "done": "true",
        "id": result["id"],
        "ignoreWarnings": "false",
        "numberComponentErrors": "0",
        "numberComponentsDeployed": "1",
        "numberComponentsTotal": "1",
        "numberTestErrors": "0",
        "numberTestsCompleted": "0",
        "numberTestsTotal": "0",
        "rollbackOnError": "true",
        "runTestsEnabled": "false",
        "status": "Succeeded",
        "success": "true",
    }
    assert details["runTestResult"] == {
        "numFailures": "0",
        "numTestsRun": "0",
        "totalTime": "0.0",
    }
    assert "componentFailures" not in details


def test_the_first_id_and_status_are_the_deployments(soap, apps):
    deployment_id = soap.result(request(package(handler())))["id"]

    parameter = f"<asyncProcessId>{deployment_id}</asyncProcessId>"
    text = soap.answer(f"<checkDeployStatus>{parameter}</checkDeployStatus>")

    assert re.search("<id>(.+?)</id>", text)[1] == deployment_id
    assert re.search("<done>(.+?)</done>", text)[1] == "true"
    assert "<details>" not in text


def test_a_component_and_the_manifest_have_one_message_each(soap, apps):
    result = deploy(soap, package(handler()))

    manifest_row, row = rows(result, "componentSuccesses")
    created = TokenExchangeHandler.objects.get()
    assert re.fullmatch(DATE, row.pop("createdDate"))
    assert row == {
        "changed": "true",
        "componentType": HANDLER,
        "created": "true",
        "deleted": "false",
        "fileName": FILE,
        "fullName": "Mine",
        "id": row["id"],
        "success": "true",
    }
    assert created.developer_name == "Mine"
    assert manifest_row.pop("createdDate")
    assert manifest_row == {
        "changed": "true",
        # Present but empty. SDR raises an error for a message without it.
        "componentType": "",
        "created": "false",
        "deleted": "false",
        "fileName": "package.xml",
        "fullName": "package.xml",
        "success": "true",
    }


def test_an_identical_component_is_reported_as_unchanged(soap, apps):
    deploy(soap, package(handler()))

    changed = deploy(soap, package(handler(label="Other")))
    same = deploy(soap, package(handler(label="Other")))

    reported = [rows(each, "componentSuccesses")[1] for each in (changed, same)]
    assert [(row["created"], row["changed"]) for row in reported] == [
        ("false", "true"),
        ("false", "false"),
    ]


def test_file_names_keep_the_zips_only_folder(soap, apps):
    files = {f"zip/{name}": data for name, data in package(handler()).items()}

    single = rows(deploy(soap, files), "componentSuccesses")
    multiple = rows(deploy(soap, files, singlePackage="false"), "componentSuccesses")

    names = ["zip/package.xml", f"zip/{FILE}"]
    assert [row["fileName"] for row in single] == names
    assert [row["fileName"] for row in multiple] == names


def test_a_failed_component_is_not_created_changed_or_deleted(soap, apps):
    result = deploy(soap, package(handler(), **{FILE: BROKEN}))

    [row] = rows(result, "componentFailures")
    assert (result["status"], result["success"], result["done"]) == (
        "Failed",
        "false",
        "true",
    )
    assert "errorMessage" not in result
    assert result["numberComponentErrors"] == "1"
    assert result["numberComponentsDeployed"] == "0"
    assert row.pop("createdDate")
    assert "isEnable" in row.pop("problem")
    assert row == {
        "changed": "false",
        "columnNumber": row["columnNumber"],
        "componentType": HANDLER,
        "created": "false",
        "deleted": "false",
        "fileName": FILE,
        "fullName": "Mine",
        "lineNumber": "2",
        "problemType": "Error",
        "success": "false",
    }


def test_a_member_without_a_file_is_reported_for_the_manifest(soap, apps):
    files = {"package.xml": manifest(OauthTokenExchangeHandler=["Gone"])}

    [row] = rows(deploy(soap, files), "componentFailures")

    assert (row["fileName"], row["fullName"]) == ("package.xml", "Gone")
    assert row["componentType"] == HANDLER
    assert row["success"] == "false"


def test_a_deletion_is_reported_with_its_manifest(soap, apps, handler):
    named = {"OauthTokenExchangeHandler": ["My_Handler"]}
    files = deletions("destructiveChangesPost.xml", **named)

    result = deploy(soap, files, ignoreWarnings="true")

    row = rows(result, "componentSuccesses")[1]
    assert (row["deleted"], row["created"]) == ("true", "false")
    assert (row["fileName"], row["fullName"]) == (
        "destructiveChangesPost.xml",
        "My_Handler",
    )
    assert not TokenExchangeHandler.objects.exists()


def test_deleting_an_unknown_component_is_salesforces_warning(soap, org):
    files = deletions(OauthTokenExchangeHandler=["Gone"])

    result = deploy(soap, files, ignoreWarnings="true")

    row = rows(result, "componentSuccesses")[1]
    assert result["status"] == "Succeeded"
    assert row["fullName"] == row["fileName"] == "destructiveChanges.xml"
    assert row["problem"] == "No OauthTokenExchangeHandler named: Gone found"
    assert (row["problemType"], row["success"]) == ("Warning", "true")
    assert (row["componentType"], row["deleted"]) == (HANDLER, "false")


def test_a_warning_that_is_not_ignored_fails_the_deployment(soap, org):
    files = deletions(OauthTokenExchangeHandler=["Gone"])

    assert deploy(soap, files)["status"] == "Failed"


def test_a_check_changes_nothing(soap, apps):
    result = deploy(soap, package(handler()), checkOnly="true")

    assert (result["status"], result["checkOnly"]) == ("Succeeded", "true")
    assert not TokenExchangeHandler.objects.exists()


def test_valid_components_are_kept_without_rollback_on_error(soap, apps):
    files = package(handler("Good"), handler("Bad", apex_class="None"))

    result = deploy(soap, files, rollbackOnError="false")

    assert (result["status"], result["success"]) == ("SucceededPartial", "false")
    assert TokenExchangeHandler.objects.get().developer_name == "Good"


def test_a_file_that_is_not_a_zip_fails_as_a_whole(soap, org, subtests):
    for data, message in [
        (b"no zip at all", "not a zip file"),
        (b"PK\3\4" + b"\0" * 40, "damaged"),
    ]:
        with subtests.test(message=message):
            result = deploy(soap, data)

            assert (result["status"], result["done"]) == ("Failed", "true")
            assert message in result["errorMessage"]
            assert result["errorStatusCode"] == "UNKNOWN_EXCEPTION"


def test_an_empty_zip_is_refused(soap, org):
    code, message = soap.fault(request(b""))

    assert code == "sf:LIMIT_EXCEEDED"
    assert "is empty" in message


MALFORMED = [
    ("<deploy/>", "deploy: the parameter ZipFile is missing"),
    ("<deploy><ZipFile>A</ZipFile></deploy>", "base64Binary"),
    (
        "<deploy><ZipFile>UEs=</ZipFile><DeployOptions><checkOnly>maybe</checkOnly>"
        "</DeployOptions></deploy>",
        "checkOnly: 'maybe' is not a valid value for the type xsd:boolean",
    ),
]


def test_a_malformed_call_is_a_client_fault(soap, org, subtests):
    for call, expected in MALFORMED:
        with subtests.test(call=call):
            code, message = soap.fault(call)

            assert code == "soapenv:Client"
            assert expected in message
            assert not Deployment.objects.exists()


def test_deployments_recorded_from_real_clients_are_accepted(soap, session, org):
    deployments = [path for path in REQUESTS if path.stem.startswith("deploy-")]
    for path in deployments:
        body = path.read_bytes().replace(b"00D000000000001!AQ.abc_DEF", session.encode())
        assert b"<id>0Af" in soap.post(body).content
    assert len(deployments) == 3


def test_missing_options_are_off(soap, apps):
    zip_file = b64encode(zip_of(package(handler())).getvalue()).decode()
    soap.result(f"<deploy><ZipFile>{zip_file}</ZipFile></deploy>")

    deployment = Deployment.objects.get()
    assert deployment.status == Status.SUCCEEDED
    assert (deployment.rollback_on_error, deployment.check_only) == (False, False)
    assert (deployment.single_package, deployment.test_level) == (None, "")


def test_the_rest_of_the_path_is_ignored(soap, apps):
    """simple-salesforce and CumulusCI append names and IDs to the path."""
    deployment_id = soap.result(request(package(handler())))["id"]
    resource = f"/deployRequest/{deployment_id}"
    for path in ("/", "/00D000000000001", "/deployRequest", resource, "//"):
        soap.path = f"/services/Soap/m/62.0{path}"
        assert status_of(soap, deployment_id, "false")["status"] == "Succeeded"


def test_changes_are_audited_as_metadata_api(soap, apps, admin):
    files = package(handler("Mine", "Billing"), ("Third", connected_app("Third")))

    deploy(soap, files)

    entries = AuditEntry.objects.exclude(section="Manage Users")
    assert {entry.user for entry in entries} == {admin}
    assert {entry.context for entry in entries} == {"Metadata API"}
    assert entries.count() >= 3


def test_defaults_move_between_two_handlers_of_one_package(soap, apps):
    def with_defaults(first, second):
        return package(
            handler("First", enabled("Billing", is_default=first)),
            handler("Second", enabled("Billing", is_default=second)),
        )

    deploy(soap, with_defaults(True, False))
    result = deploy(soap, with_defaults(False, True))

    assert result["status"] == "Succeeded"
    assert Enablement.objects.get(is_default=True).handler.developer_name == "Second"


# --- checkStatus, cancelDeploy ---------------------------------------------------------


def check_status(soap, process_id):
    return soap.result(
        f"<checkStatus><asyncProcessId>{process_id}</asyncProcessId></checkStatus>"
    )


def test_check_status_says_whether_a_deployment_is_done(soap, apps, admin):
    running(admin)
    waiting = soap.result(request(package(handler())))["id"]

    assert check_status(soap, waiting) == {
        "done": "false",
        "id": waiting,
        "state": "InProgress",
    }
    Deployment.objects.update(lease_until=timezone.now())
    assert check_status(soap, f" {waiting} ") == {
        "done": "true",
        "id": waiting,
        "state": "Completed",
    }


def test_a_queued_deployment_is_canceled(soap, apps, admin, subtests):
    running(admin)
    for name in ["id", "String", "asyncProcessId"]:
        with subtests.test(name=name):
            waiting = soap.result(request(package(handler())))["id"]

            result = soap.result(f"<cancelDeploy><{name}>{waiting}</{name}></cancelDeploy>")

            status = status_of(soap, waiting)
            assert result == {"done": "true", "id": waiting}
            assert (status["status"], status["done"]) == ("Canceled", "true")
            assert status["success"] == "false"
            assert status["canceledBy"] == record_id(USER, admin.pk)
            assert status["canceledByName"] == "Ada Admin"
            assert status["details"].keys() == {"runTestResult"}


def test_a_canceled_deployment_is_never_run(soap, apps, admin):
    waiting = queued(admin, package(handler())).record_id

    result = soap.result(f"<cancelDeploy><id>{waiting}</id></cancelDeploy>")

    assert result["done"] == "true"
    assert not TokenExchangeHandler.objects.exists()


def test_a_running_deployment_is_canceling(soap, apps, admin):
    deployment_id = running(admin).record_id

    result = soap.result(f"<cancelDeploy><id>{deployment_id}</id></cancelDeploy>")

    assert result == {"done": "false", "id": deployment_id}
    assert status_of(soap, deployment_id)["status"] == "Canceling"


def test_a_completed_deployment_cannot_be_canceled(soap, apps):
    deployment_id = deploy(soap, package(handler()))["id"]

    code, message = soap.fault(f"<cancelDeploy><id>{deployment_id}</id></cancelDeploy>")

    assert code == "sf:INVALID_ID_FIELD"
    assert "Deployment already completed" in message


def test_asking_for_the_status_runs_a_queued_deployment(soap, apps, admin):
    waiting = queued(admin, package(handler())).record_id

    assert status_of(soap, waiting)["status"] == "Succeeded"


# --- deployRecentValidation ------------------------------------------------------------


def validated(validation_id):
    return (
        f"<deployRecentValidation><validationId>{validation_id}</validationId>"
        "</deployRecentValidation>"
    )


def test_a_validation_is_deployed_with_a_new_id(soap, apps):
    validation_id = deploy(soap, package(handler()), checkOnly="true")["id"]

    deployment_id = soap.result(validated(validation_id))

    assert re.fullmatch("0Af[0-9A-Za-z]{15}", deployment_id)
    assert deployment_id != validation_id
    status = status_of(soap, deployment_id)
    assert (status["status"], status["checkOnly"]) == ("Succeeded", "false")
    assert TokenExchangeHandler.objects.get().developer_name == "Mine"


def test_a_failed_validation_is_not_deployed(soap, apps):
    bad = package(handler(apex_class="None"))
    validation_id = deploy(soap, bad, checkOnly="true")["id"]

    assert soap.fault(validated(validation_id)) == (
        "sf:INVALID_ID_FIELD",
        f"INVALID_ID_FIELD: {validation_id} isn't a successful validation",
    )


def test_only_a_validation_is_deployed_again(soap, apps):
    deployment_id = deploy(soap, package(handler()))["id"]

    assert soap.fault(validated(deployment_id))[0] == "sf:INVALID_ID_FIELD"
    assert Deployment.objects.count() == 1


# --- IDs -------------------------------------------------------------------------------

OF_DEPLOYMENTS = {
    "checkDeployStatus": "asyncProcessId",
    "checkStatus": "asyncProcessId",
    "cancelDeploy": "id",
    "deployRecentValidation": "validationId",
}


def test_an_unknown_id_is_a_fault(soap, org, subtests):
    unknown = ["0Af000000000009", "0Af0000000zzzzz", "", "005000000000001", "x" * 5000]
    unknown.append("0Af🙂")
    for operation, name in OF_DEPLOYMENTS.items():
        for value in unknown:
            with subtests.test(operation=operation, value=value):
                call = f"<{operation}><{name}>{value}</{name}></{operation}>"

                assert soap.fault(call) == UNKNOWN


def test_a_missing_id_is_a_fault(soap, org, subtests):
    for operation in OF_DEPLOYMENTS:
        with subtests.test(operation=operation):
            assert soap.fault(f"<{operation}/>")[0] in {"soapenv:Client", UNKNOWN[0]}


def test_another_orgs_deployment_is_unknown(soap, their_admin, subtests):
    theirs = queued(their_admin, {"package.xml": EVERYTHING}, check_only=True)
    for operation, name in OF_DEPLOYMENTS.items():
        with subtests.test(operation=operation):
            call = f"<{operation}><{name}>{theirs.record_id}</{name}></{operation}>"

            assert soap.fault(call) == UNKNOWN
            theirs.refresh_from_db()
            assert theirs.status == Status.PENDING


def test_an_expired_deployment_is_unknown(soap, apps):
    deployment_id = deploy(soap, package(handler()))["id"]
    Deployment.objects.update(created_at=timezone.now() - timedelta(days=31))

    parameter = f"<asyncProcessId>{deployment_id}</asyncProcessId>"
    call = f"<checkDeployStatus>{parameter}</checkDeployStatus>"
    assert soap.fault(call) == UNKNOWN


# --- Profiles --------------------------------------------------------------------------

CHANGING = [
    "<deploy><ZipFile>UEs=</ZipFile></deploy>",
    "<cancelDeploy><id>{id}</id></cancelDeploy>",
    validated("{id}"),
]


@pytest.mark.parametrize("who", ["viewer_session", "standard_session"])
def test_users_who_cannot_change_setup_deploy_nothing(request, admin, who, subtests):
    deployment = queued(admin, package(handler()))
    session = request.getfixturevalue(who)
    for call in CHANGING:
        with subtests.test(call=call):
            body = envelope(call.replace("{id}", deployment.record_id), header(session))

            response = Soap(session).post(body)

            assert fault_of(response)[0] == "sf:INSUFFICIENT_ACCESS"
            deployment.refresh_from_db()
            assert deployment.status == Status.PENDING
            assert Deployment.objects.count() == 1


def test_a_viewer_can_see_deployments(soap, apps, viewer_session, standard_session):
    deployment_id = deploy(soap, package(handler()))["id"]
    parameter = f"<asyncProcessId>{deployment_id}</asyncProcessId>"
    call = f"<checkDeployStatus>{parameter}</checkDeployStatus>"

    assert Soap(viewer_session).result(call)["status"] == "Succeeded"
    assert Soap(standard_session).fault(call)[0] == "sf:INSUFFICIENT_ACCESS"


def test_apps_are_deployed_too(soap, apps):
    result = deploy(soap, package(("Third", connected_app("Third"))))

    assert result["status"] == "Succeeded", result
    assert ClientApp.objects.filter(api_name="Third").exists()
