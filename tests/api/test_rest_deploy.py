"""deployRequest: deployments over REST."""

import json
import re
from itertools import product

import pytest

from tests.metadata.deploy.deploying import handler, package, queued
from tests.metadata.package.zips import zip_of
from tests.rollback import rolled_back
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.models import Deployment, Status
from tokenx.org.models import AuditEntry

from .calling import HANDLER, JSON_TYPE, Rest, error_of
from .test_deploy import BROKEN, FILE, running

DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000"
UNKNOWN = (404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
CANCEL = {"deployResult": {"status": "Canceling"}}
BOUNDARY = "a_boundary"
PATH = "metadata/deployRequest"
GOOD = {"rollbackOnError": True, "singlePackage": True}


def options_part(options, name="entity_content", more=""):
    head = f'Content-Disposition: form-data; name="{name}"{more}\r\n'
    data = options if isinstance(options, str) else json.dumps({"deployOptions": options})
    return f"{head}Content-Type: application/json\r\n\r\n{data}".encode()


def zip_part(files, name="file", file_name="package.xml"):
    head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
    data = files if isinstance(files, bytes) else zip_of(files).getvalue()
    return f"{head}Content-Type: application/zip\r\n\r\n".encode() + data


def post(rest, *parts, boundary=BOUNDARY):
    lines = [b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in parts]
    body = b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    return rest.client.post(rest.path(PATH), body, content_type=kind)


def deploy(rest, files, **options):
    """Deploy the files, and return the details of the deployment."""
    response = post(rest, options_part(GOOD | options), zip_part(files))
    assert response.status_code == 201, response.content
    return rest.get(f"{PATH}/{response.json()['id']}", includeDetails="true")


# --- Deploying -------------------------------------------------------------------------


def test_the_two_parts_come_in_either_order(rest, apps, subtests):
    for name, more, is_zip_first in product(
        ["entity_content", "json"], ["", '; filename="blob"'], [False, True]
    ):
        with (
            subtests.test(name=name, more=more, is_zip_first=is_zip_first),
            rolled_back(),
        ):
            parts = [options_part(GOOD, name, more), zip_part(package(handler()))]

            response = post(rest, *(reversed(parts) if is_zip_first else parts))

            assert (response.status_code, response["Content-Type"]) == (201, JSON_TYPE)
            answer = response.json()
            assert re.fullmatch("0Af[0-9A-Za-z]{15}", answer["id"])
            assert answer["deployResult"]["id"] == answer["id"]
            assert answer["deployResult"]["status"] == "Pending"
            assert answer["deployResult"]["done"] is False
            assert answer["validatedDeployRequestId"] is None
            options = answer["deployOptions"]
            assert options | GOOD | {"checkOnly": False} == options
            assert TokenExchangeHandler.objects.exists()


def test_options_can_be_strings(rest, apps):
    options = {
        "checkOnly": "true",
        "rollbackOnError": "false",
        "ignoreWarnings": "True",
        "singlePackage": "false",
        "testLevel": None,
        "runTests": [],
        "somethingNew": {"a": 1},
    }

    deploy(rest, {f"m/{n}": data for n, data in package(handler()).items()}, **options)

    deployment = Deployment.objects.get()
    assert (
        deployment.check_only,
        deployment.rollback_on_error,
        deployment.ignore_warnings,
    ) == (
        True,
        False,
        True,
    )
    assert (deployment.status, deployment.test_level) == (Status.SUCCEEDED, "")


def test_the_test_level_is_stored(rest, apps, subtests):
    for level, stored in [
        ("RunLocalTests", "RunLocalTests"),
        ("\0", ""),
        ("\ud83d", ""),
        (7, ""),
    ]:
        with subtests.test(level=level), rolled_back():
            deploy(rest, package(handler()), testLevel=level)

            assert Deployment.objects.get().test_level == stored


BAD_PARTS = [
    ([], "INVALID_MULTIPART_REQUEST"),
    ([options_part(GOOD)], "INVALID_MULTIPART_REQUEST"),
    ([zip_part(b"PK")], "INVALID_MULTIPART_REQUEST"),
    ([options_part("{"), zip_part(b"PK")], "JSON_PARSER_ERROR"),
    ([options_part("[]"), zip_part(b"PK")], "JSON_PARSER_ERROR"),
    ([options_part('{"deployOptions": [1]}'), zip_part(b"PK")], "JSON_PARSER_ERROR"),
    ([options_part('{"deployOptions": "x"}'), zip_part(b"PK")], "JSON_PARSER_ERROR"),
    ([options_part(GOOD), zip_part(b"")], "LIMIT_EXCEEDED"),
    (
        [options_part('{"a": "' + "x" * 1_000_001 + '"}', more='; filename="b"')],
        "INVALID_MULTIPART_REQUEST",
    ),
    (
        [
            options_part('{"a": "' + "x" * 1_000_001 + '"}', more='; filename="b"'),
            zip_part(b"PK"),
        ],
        "JSON_PARSER_ERROR",
    ),
]


def test_an_invalid_multipart_request_is_refused(rest, org, subtests):
    for number, (parts, code) in enumerate(BAD_PARTS):
        with subtests.test(number=number, code=code):
            response = post(rest, *parts)

            assert error_of(response)[1] == code
            assert response.status_code in {400, 413}
            assert not Deployment.objects.exists()


BAD_TYPES = [
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "x" * 300,
    "multipart/form-data; boundary=another",
    "multipart/mixed; boundary=\xe4",
    "text/plain",
    "",
]


def test_an_invalid_content_type_is_refused(rest, org, subtests):
    for kind in BAD_TYPES:
        with subtests.test(kind=kind):
            response = rest.client.post(
                rest.path(PATH), b"--a_boundary\r\n\r\nx", content_type=kind
            )

            assert error_of(response)[0] == 400


def test_a_file_that_is_not_a_zip_fails_as_a_whole(rest, org):
    result = deploy(rest, b"no zip at all")["deployResult"]

    assert (result["status"], result["done"], result["success"]) == ("Failed", True, False)
    assert "not a zip file" in result["errorMessage"]


# --- Status ----------------------------------------------------------------------------


def test_the_status_has_json_values(rest, apps):
    answer = deploy(rest, package(handler(), **{FILE: BROKEN}))
    result = answer["deployResult"]

    assert answer["id"] == result["id"]
    assert (result["done"], result["success"], result["status"]) == (True, False, "Failed")
    assert result["numberComponentErrors"] == 1
    assert result["numberComponentsTotal"] == 1
    assert re.fullmatch(DATE, result["completedDate"])
    details = result["details"]
    assert list(details["runTestResult"].values()) == [0, 0, 0.0]
    [row] = details["componentFailures"]
    assert (row["success"], row["created"], row["changed"], row["deleted"]) == (False,) * 4
    assert (row["fullName"], row["componentType"]) == ("Mine", HANDLER)
    assert (row["lineNumber"], row["problemType"]) == (2, "Error")
    [manifest] = details["componentSuccesses"]
    assert (manifest["fullName"], manifest["componentType"]) == ("package.xml", "")


def test_empty_lists_are_included(rest, apps):
    details = deploy(rest, package(handler()))["deployResult"]["details"]

    assert details["componentFailures"] == []
    assert len(details["componentSuccesses"]) == 2


def test_details_come_only_on_request(rest, apps, subtests):
    deployment_id = deploy(rest, package(handler()))["id"]
    for parameters in [{}, {"includeDetails": "false"}]:
        with subtests.test(parameters=parameters):
            answer = rest.get(f"{PATH}/{deployment_id}/", **parameters)

            assert answer["deployResult"]["details"] is None
            assert answer["deployResult"]["status"] == "Succeeded"


def test_a_poll_takes_few_queries(rest, soap, apps, django_assert_num_queries):
    files = package(*(handler(f"H{number}") for number in range(20)))
    deployment_id = deploy(rest, files)["id"]
    call = f"<checkDeployStatus><asyncProcessId>{deployment_id}</asyncProcessId>"
    call += "<includeDetails>{}</includeDetails></checkDeployStatus>"

    # The session, the deployment, and its messages.
    with django_assert_num_queries(3):
        rest.get(f"{PATH}/{deployment_id}", includeDetails="true")
    with django_assert_num_queries(3):
        soap.result(call.format("true"))
    with django_assert_num_queries(2):
        soap.result(call.format("false"))


def test_a_poll_of_a_running_deployment_takes_few_queries(
    soap, admin, apps, django_assert_num_queries
):
    deployment = running(admin)
    parameter = f"<asyncProcessId>{deployment}</asyncProcessId>"
    call = f"<checkDeployStatus>{parameter}</checkDeployStatus>"
    soap.result(call)

    # The session, the deployment, whether its lease has expired, and its progress.
    with django_assert_num_queries(4):
        assert soap.result(call)["status"] == "InProgress"


# --- Canceling, and quick deploys ------------------------------------------------------


def test_a_queued_deployment_is_canceled(rest, apps, admin):
    running(admin)
    deployment_id = queued(admin, package(handler())).record_id

    response = rest.send("patch", f"{PATH}/{deployment_id}", CANCEL)

    assert response.status_code == 202
    assert response.json()["deployResult"]["status"] == "Canceled"
    assert (
        rest.get(f"{PATH}/{deployment_id}")["deployResult"]["canceledByName"] == "Ada Admin"
    )


def test_a_deployment_can_only_be_canceled(rest, apps, admin, subtests):
    running(admin)
    waiting = queued(admin, package(handler()))
    for data in [{}, {"deployResult": 1}, {"deployResult": {"status": "Failed"}}]:
        with subtests.test(data=data):
            refusal = rest.refused("patch", f"{PATH}/{waiting}", data)

            assert refusal[:2] == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
            waiting.refresh_from_db()
            assert waiting.status == Status.PENDING


def test_a_completed_deployment_cannot_be_canceled(rest, apps):
    deployment_id = deploy(rest, package(handler()))["id"]

    refusal = rest.refused("patch", f"{PATH}/{deployment_id}", CANCEL)

    assert refusal[:2] == (400, "INVALID_ID_FIELD")


def test_a_validation_is_deployed(rest, apps):
    validation_id = deploy(rest, package(handler()), checkOnly=True)["id"]
    assert not TokenExchangeHandler.objects.exists()

    response = rest.send("post", PATH, {"validatedDeployRequestId": validation_id})

    assert response.status_code == 201
    answer = response.json()
    assert answer["deployResult"]["checkOnly"] is False
    assert answer["id"] != validation_id
    assert TokenExchangeHandler.objects.exists()


def test_only_a_validation_is_deployed_again(rest, apps):
    deployment_id = deploy(rest, package(handler()))["id"]

    for validation_id, refusal in [
        (deployment_id, (400, "INVALID_ID_FIELD")),
        ("0Af000000000999", UNKNOWN[:2]),
        ("\ud83d\0", UNKNOWN[:2]),
        (None, UNKNOWN[:2]),
        ([1], UNKNOWN[:2]),
    ]:
        data = {"validatedDeployRequestId": validation_id}
        assert rest.refused("post", PATH, data)[:2] == refusal
    assert Deployment.objects.count() == 1


# --- Permissions -----------------------------------------------------------------------


def test_another_orgs_deployment_is_unknown(rest, their_admin):
    theirs = queued(their_admin, package(handler()), check_only=True).record_id

    assert rest.refused("get", f"{PATH}/{theirs}") == UNKNOWN
    assert rest.refused("patch", f"{PATH}/{theirs}", CANCEL) == UNKNOWN
    assert rest.refused("post", PATH, {"validatedDeployRequestId": theirs}) == UNKNOWN
    assert Deployment.objects.get().status == Status.PENDING


@pytest.mark.parametrize("who", ["viewer_session", "standard_session"])
def test_users_who_cannot_change_setup_deploy_nothing(request, admin, apps, who):
    rest = Rest(request.getfixturevalue(who))
    deployment = queued(admin, package(handler()))

    for response in (
        post(rest, options_part(GOOD), zip_part(package(handler()))),
        rest.send("post", PATH, {"validatedDeployRequestId": deployment.record_id}),
        rest.send("patch", f"{PATH}/{deployment}", CANCEL),
    ):
        assert error_of(response)[:2] == (403, "INSUFFICIENT_ACCESS")
    assert Deployment.objects.get().status == Status.PENDING


def test_a_viewer_can_see_deployments(rest, apps, viewer_session, standard_session):
    deployment_id = deploy(rest, package(handler()))["id"]

    assert Rest(viewer_session).get(f"{PATH}/{deployment_id}")["id"] == deployment_id
    refused = Rest(standard_session).refused("get", f"{PATH}/{deployment_id}")
    assert refused[:2] == (403, "INSUFFICIENT_ACCESS")


def test_changes_are_audited_as_metadata_api(rest, apps):
    deploy(rest, package(handler("Mine", "Billing")))

    entries = AuditEntry.objects.filter(section="Token Exchange Handlers")
    assert {each.context for each in entries} == {"Metadata API"}
