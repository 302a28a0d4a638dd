"""Permission set assignments over REST, as `sf org assign permset` creates them."""

import pytest

from tests.factories import (
    OrgFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
    UserFactory,
)
from tokenx.org.models import AuditEntry, PermissionSetAssignment
from tokenx.org.record_ids import (
    PERMISSION_SET,
    PERMISSION_SET_ASSIGNMENT,
    USER,
    record_id,
)

from .calling import Rest

ASSIGNMENTS = "sobjects/PermissionSetAssignment"


@pytest.fixture
def tokens(org):
    return PermissionSetFactory(org=org, name="Tokens", label="Token Exchange")


@pytest.fixture
def ada(org):
    return UserFactory(org=org, username="ada@x.example", last_name="Ada")


def data_of(user, permission_set):
    return {
        "AssigneeId": record_id(USER, user.pk),
        "PermissionSetId": record_id(PERMISSION_SET, permission_set.pk),
    }


def path_of(assignment):
    return f"{ASSIGNMENTS}/{record_id(PERMISSION_SET_ASSIGNMENT, assignment.pk)}"


def test_assigns_as_sf_does(rest, tokens, ada):
    query = "SELECT Id FROM User WHERE Username='ada@x.example'"
    [user] = rest.get("query", q=query)["records"]
    query = "SELECT Id FROM PermissionSet WHERE Name='Tokens'"
    [found] = rest.get("query", q=query)["records"]

    response = rest.send(
        "post", ASSIGNMENTS, {"AssigneeId": user["Id"], "PermissionSetId": found["Id"]}
    )

    assert response.status_code == 201
    row = PermissionSetAssignment.objects.get()
    assert (row.org, row.user, row.permission_set) == (tokens.org, ada, tokens)
    pk = record_id(PERMISSION_SET_ASSIGNMENT, row.pk)
    assert response.json() == {"id": pk, "success": True, "errors": []}
    fields = rest.get(path_of(row))
    assert fields | data_of(ada, tokens) == fields
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.context) == ("PermSetAssign", "API")


def test_a_namespace_finds_nothing(rest, tokens):
    query = "SELECT Id FROM PermissionSet WHERE Name='Tokens' AND NamespacePrefix='mine'"

    assert rest.get("query", q=query)["records"] == []


def test_refuses_a_second_assignment_in_salesforces_words(rest, tokens, ada):
    PermissionSetAssignmentFactory(org=ada.org, user=ada, permission_set=tokens)
    data = data_of(ada, tokens)

    assert rest.refused("post", ASSIGNMENTS, data) == (
        400,
        "DUPLICATE_VALUE",
        f"Duplicate PermissionSetAssignment. Assignee: {data['AssigneeId']}; "
        f"Permission Set: {data['PermissionSetId']}",
        ["AssigneeId", "PermissionSetId"],
    )
    assert PermissionSetAssignment.objects.count() == 1


def test_refuses_missing_and_unknown_rows(rest, tokens, ada, subtests):
    other = OrgFactory()
    theirs = data_of(UserFactory(org=other), PermissionSetFactory(org=other))
    good = data_of(ada, tokens)
    for change, code in [
        ({"AssigneeId": None}, "REQUIRED_FIELD_MISSING"),
        ({"AssigneeId": "0PS"}, "MALFORMED_ID"),
        ({"AssigneeId": theirs["AssigneeId"]}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"PermissionSetId": theirs["PermissionSetId"]}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"Other": "x"}, "INVALID_FIELD"),
    ]:
        with subtests.test(change=change):
            status, found, *_ = rest.refused("post", ASSIGNMENTS, good | change)
            assert (status, found) == (400, code)
    assert not PermissionSetAssignment.objects.exists()


def test_deletes_an_assignment(rest, tokens, ada):
    row = PermissionSetAssignmentFactory(org=ada.org, user=ada, permission_set=tokens)

    assert rest.send("delete", path_of(row)).status_code == 204

    assert not PermissionSetAssignment.objects.exists()
    assert AuditEntry.objects.latest("pk").action == "PermSetUnassign"
    assert rest.refused("delete", path_of(row))[0] == 404


def test_an_assignment_cannot_be_changed(rest, tokens, ada):
    row = PermissionSetAssignmentFactory(org=ada.org, user=ada, permission_set=tokens)

    refused = rest.refused("patch", path_of(row), data_of(ada, tokens))

    assert refused[:2] == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_another_orgs_assignment_is_not_found(rest):
    theirs = PermissionSetAssignmentFactory()

    assert rest.refused("delete", path_of(theirs))[0] == 404
    rest.get(path_of(theirs), status=404)
    assert PermissionSetAssignment.objects.exists()


def test_a_viewer_cannot_assign(viewer_session, tokens, ada):
    response = Rest(viewer_session).send("post", ASSIGNMENTS, data_of(ada, tokens))

    assert response.status_code == 403
    assert not PermissionSetAssignment.objects.exists()


def test_collections_assign_and_delete(rest, tokens, ada):
    record = {"attributes": {"type": "PermissionSetAssignment"}} | data_of(ada, tokens)
    [created] = rest.send("post", "composite/sobjects", {"records": [record]}).json()
    assert created["success"]

    path = f"composite/sobjects?ids={created['id']}"
    [deleted] = rest.send("delete", path).json()

    assert deleted["success"]
    assert not PermissionSetAssignment.objects.exists()


def test_describes_assignments(rest):
    described = rest.get(f"{ASSIGNMENTS}/describe")

    assert (described["keyPrefix"], described["deletable"]) == ("0Pa", True)
    fields = {field["name"]: field for field in described["fields"]}
    assert fields["AssigneeId"]["referenceTo"] == ["User"]
    assert fields["PermissionSetId"]["createable"]
    assert not fields["PermissionSetId"]["updateable"]
