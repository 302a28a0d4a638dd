"""Results in Salesforce's own fields, with Python's values."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tests.metadata.commands import fill
from tokenx.metadata.deploy.progress import running
from tokenx.metadata.models import ComponentMessage, Deployment, Source, Status
from tokenx.metadata.retrieve.results import (
    component_message,
    deploy_result,
    file_properties,
)
from tokenx.metadata.retrieve.retrieve import ALL, retrieve
from tokenx.org.record_ids import USER, record_id

FIELDS = """
    canceledBy canceledByName checkOnly completedDate createdBy createdByName createdDate
    details done errorMessage errorStatusCode id ignoreWarnings lastModifiedDate
    numberComponentErrors numberComponentsDeployed numberComponentsTotal numberTestErrors
    numberTestsCompleted numberTestsTotal rollbackOnError runTestsEnabled startDate
    stateDetail status success
"""
MESSAGE_FIELDS = """
    changed columnNumber componentType created createdDate deleted fileName fullName id
    lineNumber problem problemType success
"""


@pytest.fixture
def deployment(admin):
    source = Source.objects.create(org=admin.org, name="shop.zip", created_by=admin)
    return Deployment.objects.create(org=admin.org, source=source, created_by=admin)


def add_message(deployment, **values):
    number = ComponentMessage.objects.filter(deployment=deployment).count()
    return ComponentMessage.objects.create(
        org=deployment.org,
        deployment=deployment,
        number=number,
        **{
            "type_name": "OauthTokenExchangeHandler",
            "full_name": "Shop",
            "file_name": "Shop.oauthtokenexchangehandler",
            **values,
        },
    )


def test_has_the_fields_of_the_schema_in_its_order(deployment):
    add_message(deployment)

    result = deploy_result(deployment, include_details=True)

    assert list(result) == FIELDS.split()
    [message] = result["details"]["componentSuccesses"]
    assert list(message) == MESSAGE_FIELDS.split()


def test_a_queued_deployment(deployment, admin):
    result = deploy_result(deployment, include_details=False)

    assert result["id"] == deployment.record_id
    assert result["status"] == "Pending"
    assert result["done"] is False
    assert result["success"] is False
    assert result["createdBy"] == record_id(USER, admin.pk)
    assert result["createdByName"] == "Ada Admin"
    assert result["createdDate"] == deployment.created_at
    assert result["rollbackOnError"] is True
    for absent in ("details", "completedDate", "startDate", "errorMessage", "canceledBy"):
        assert result[absent] is None


def test_done_and_success_depend_on_the_status(deployment, subtests):
    for status, is_done, is_success in [
        (Status.IN_PROGRESS, False, False),
        (Status.SUCCEEDED, True, True),
        (Status.SUCCEEDED_PARTIAL, True, False),
        (Status.FAILED, True, False),
        (Status.CANCELING, False, False),
        (Status.CANCELED, True, False),
    ]:
        with subtests.test(status=status):
            deployment.status = status

            result = deploy_result(deployment, include_details=False)

            assert (result["done"], result["success"]) == (is_done, is_success)


def test_a_canceled_deployment_has_the_user_who_canceled_it(deployment, admin):
    deployment.status, deployment.canceled_by = Status.CANCELED, admin

    result = deploy_result(deployment, include_details=False)

    assert result["canceledBy"] == record_id(USER, admin.pk)
    assert result["canceledByName"] == "Ada Admin"


def test_a_deployment_that_failed_as_a_whole_has_an_error_message(deployment):
    deployment.error_message = "The file is not a zip file."
    deployment.error_code = "UNKNOWN_EXCEPTION"

    result = deploy_result(deployment, include_details=True)

    assert result["errorMessage"] == "The file is not a zip file."
    assert result["errorStatusCode"] == "UNKNOWN_EXCEPTION"
    assert result["details"] == {
        "componentFailures": [],
        "componentSuccesses": [],
        "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0},
    }


def test_a_running_deployment_has_its_progress(deployment):
    deployment.status = Status.IN_PROGRESS
    with running(deployment.pk) as progress:
        progress.total, progress.done, progress.detail = 5, 8, "Deploying Shop"
        result = deploy_result(deployment, include_details=False)

    assert result["numberComponentsTotal"] == 5
    assert result["numberComponentsDeployed"] == 3
    assert result["stateDetail"] == "Deploying Shop"


def test_messages_are_divided_by_success_and_keep_their_order(deployment):
    add_message(deployment, full_name="B")
    add_message(deployment, full_name="A", success=False, problem="no")
    add_message(deployment, full_name="C")

    details = deploy_result(deployment, include_details=True)["details"]

    assert [e["fullName"] for e in details["componentSuccesses"]] == ["B", "C"]
    assert [e["fullName"] for e in details["componentFailures"]] == ["A"]


def test_takes_two_queries_for_many_messages(deployment, django_assert_num_queries):
    for _ in range(20):
        add_message(deployment)
    fresh = Deployment.objects.get(pk=deployment.pk)

    # Who made it, and the messages.
    with django_assert_num_queries(2):
        deploy_result(fresh, include_details=True)


def test_a_failure_has_a_position_and_no_change(deployment):
    message = add_message(
        deployment, success=False, created=True, problem="no", line=3, column=5
    )

    result = component_message(message)

    assert result["problemType"] == "Error"
    assert (result["lineNumber"], result["columnNumber"]) == (3, 5)
    assert (result["created"], result["changed"], result["deleted"]) == (False,) * 3
    assert result["id"] is None


def test_a_success_has_no_problem_and_no_position(deployment):
    result = component_message(add_message(deployment, changed=True, component_id="txH1"))

    assert (result["success"], result["changed"], result["created"]) == (True, True, False)
    assert result["id"] == "txH1"
    for absent in ("problem", "problemType", "lineNumber", "columnNumber"):
        assert result[absent] is None


def test_a_warning_can_count_as_a_success_or_a_failure(deployment):
    for is_success in (True, False):
        message = add_message(deployment, is_warning=True, problem="hm", success=is_success)

        result = component_message(message)

        assert (result["problemType"], result["success"]) == ("Warning", is_success)


def test_the_manifest_has_an_empty_type(deployment):
    assert component_message(add_message(deployment, type_name=""))["componentType"] == ""


def test_has_no_messages_of_other_deployments(deployment, admin):
    add_message(deployment)
    other = Deployment.objects.create(
        org=admin.org, source=deployment.source, created_by=admin
    )

    assert not deploy_result(other, include_details=True)["details"]["componentSuccesses"]


def test_file_properties_have_the_user_and_time_of_each_change(org, admin):
    handler = fill(org, admin)
    handler.modified_at = datetime(2026, 1, 31, 12, tzinfo=UTC)
    handler.save()
    [component] = retrieve(org, {"OauthTokenExchangeHandler": ["Fleet"]}).found

    result = file_properties(component, "Fleet.oauthtokenexchangehandler")

    assert result["lastModifiedByName"] == result["createdByName"] == "Ada Admin"
    assert result["lastModifiedById"] == record_id(USER, admin.pk)
    assert result["lastModifiedDate"] == handler.modified_at
    assert result["type"] == "OauthTokenExchangeHandler"
    assert result["id"].startswith("txH")


def test_file_properties_of_apps_have_no_users(org, admin):
    fill(org, admin)
    components = retrieve(org, ALL).found

    apps = [file_properties(e, "") for e in components if e.type_name == "ConnectedApp"]

    assert apps[0]["createdById"] is apps[0]["lastModifiedByName"] is None
    assert apps[0]["createdDate"] < timezone.now()
