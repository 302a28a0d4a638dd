"""Permission Sets: the list, a permission set, its users, and the audit trail."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    AppPermissionSetFactory,
    OrgFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
    UserFactory,
)
from tests.form import field_errors, form_errors, form_of
from tests.read import errors, headings, links, names, read, record, rows, toasts
from tokenx.org.models import (
    AppPermissionSet,
    AuditEntry,
    PermissionSet,
    PermissionSetAssignment,
)
from tokenx.org.record_ids import PERMISSION_SET, USER, record_id
from tokenx.setup.actions import permission_sets as actions

LIST, NEW = "/permission-sets/", "/new-permission-set/"
DETAILS = {"label": "Token Exchange", "name": "Tokens", "description": "Exchange"}
HOSTILE = "<script>alert(1)</script> 🙂 \u202eשלום"


def url_of(name, verb="permission-set", *more):
    return reverse(f"setup:{verb}", args=[name, *more])


def trail():
    entries = AuditEntry.objects.order_by("pk")
    assert {entry.section for entry in entries} <= {"Manage Users"}
    return [(entry.action, entry.display) for entry in entries]


@pytest.fixture
def tokens(org):
    return PermissionSetFactory(
        org=org, name="Tokens", label="Token Exchange", description="Exchange"
    )


@pytest.fixture
def ada(org):
    return UserFactory(
        org=org, first_name="Ada", last_name="Ames", username="ada@x.example"
    )


def assigned(user, permission_set):
    return PermissionSetAssignmentFactory(
        org=user.org, user=user, permission_set=permission_set
    )


# --- The list and a permission set -----------------------------------------------------


def test_lists_the_orgs_permission_sets(admin_client, tokens):
    PermissionSetFactory(org=tokens.org, name="Alpha", label="Alpha")
    PermissionSetFactory(org=OrgFactory(), name="Theirs")

    response = admin_client.get(LIST)

    assert headings(response) == [
        "Permission Set Label",
        "API Name",
        "Description",
        "Last Modified",
    ]
    assert [row[:3] for row in rows(response)] == [
        ["Alpha", "Alpha", ""],
        ["Token Exchange", "Tokens", "Exchange"],
    ]
    assert links(response)["Token Exchange"] == url_of("Tokens")
    assert links(response)["New Permission Set"] == NEW
    assert links(admin_client.get("/"))["Permission Sets"] == LIST


def test_searches_and_sorts(admin_client, tokens, subtests):
    PermissionSetFactory(org=tokens.org, name="Alpha", label="Zulu")
    for query, found in [
        ("search=TOKEN", ["Token Exchange"]),
        ("search=alph", ["Zulu"]),
        ("search=zzz", []),
        ("search=%00", ["Token Exchange", "Zulu"]),
        ("sort=-label", ["Zulu", "Token Exchange"]),
        ("sort=name", ["Zulu", "Token Exchange"]),
    ]:
        with subtests.test(query=query):
            assert names(admin_client.get(f"{LIST}?{query}")) == found
    assertContains(admin_client.get(f"{LIST}?search=zzz"), "No matching permission sets")
    assertNotContains(admin_client.get(LIST, {"search": HOSTILE}), "<script>alert")


def test_an_org_without_permission_sets_says_what_they_do(admin_client):
    assertContains(admin_client.get(LIST), "No permission sets yet")


def test_shows_a_permission_set_with_its_users_and_apps(admin_client, tokens, ada):
    assigned(ada, tokens)
    app = AppPermissionSetFactory(
        org=tokens.org, permission_set=tokens, app__label="Billing"
    ).app
    other = AppPermissionSetFactory(org=tokens.org).permission_set
    assigned(UserFactory(org=tokens.org), other)

    response = admin_client.get(url_of("Tokens"))

    shown = record(response)
    assert shown.pop("Last Modified By")
    assert shown.pop("Created By")
    assert shown == {
        "Label": "Token Exchange",
        "API Name": "Tokens",
        "Description": "Exchange",
    }
    assert rows(response) == [
        ["Ada Ames", "ada@x.example", "Yes"],
        ["Billing", app.api_name, "Connected App"],
    ]
    assertContains(response, "Assigned Users (1)")
    empty = admin_client.get(url_of(PermissionSetFactory(org=tokens.org).name))
    assertContains(empty, "No users have this permission set.")
    assertContains(empty, "No apps have this permission set.")


def test_a_viewer_sees_permission_sets_but_no_buttons(viewer_client, tokens, ada):
    assigned(ada, tokens)
    urls = [LIST, url_of("Tokens"), url_of("Tokens", "permission-set-assignments")]
    for url in [*urls, ada.get_absolute_url()]:
        response = viewer_client.get(url)
        assertContains(response, "You have view-only access to Setup.")
        found = {text.removesuffix(" Ada Ames") for text in links(response)}
        buttons = {"New Permission Set", "Edit", "Delete", "Add Assignment", "Remove"}
        assert not {*buttons, "Edit Assignments"} & found


def test_the_pages_take_few_queries(
    admin_client, tokens, django_assert_max_num_queries, subtests
):
    for more in [3, 60]:
        for _ in range(more):
            assigned(UserFactory(org=tokens.org), tokens)
            AppPermissionSetFactory(org=tokens.org, permission_set=tokens)
        for url, most in [
            (LIST, 5),
            # Two for the user who modified it last.
            (url_of("Tokens"), 9),
            (url_of("Tokens", "permission-set-assignments"), 6),
            (url_of("Tokens", "edit-permission-set"), 5),
        ]:
            with subtests.test(more=more, url=url), django_assert_max_num_queries(most):
                assert admin_client.get(url).status_code == 200


# --- New and Edit -----------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_creates_a_permission_set(request, client_name, org):
    client = request.getfixturevalue(client_name)

    client.post(NEW, form_of(client.get(NEW)) | DETAILS)

    row = PermissionSet.objects.get()
    assert (row.org, row.name, row.label) == (org, "Tokens", "Token Exchange")
    assert (row.description, row.file) == ("Exchange", "")
    assert toasts(client.get(LIST)) == ["Token Exchange was saved."]
    display = "Created permission set Token Exchange: with no license"
    assert trail() == [("PermSetCreateNoLicense", display)]


def test_generates_a_blank_api_name(admin_client, org):
    admin_client.post(NEW, DETAILS | {"name": ""})

    assert PermissionSet.objects.get().name == "Token_Exchange"


def test_edits_a_permission_set(admin_client, tokens, ada):
    assigned(ada, tokens)
    url = url_of("Tokens", "edit-permission-set")
    changed = {"label": "New", "name": "New_Name", "description": ""}

    response = admin_client.post(url, form_of(admin_client.get(url)) | changed)

    assert response["Location"] == url_of("New_Name")
    row = PermissionSet.objects.get()
    assert (row.pk, row.name, row.label) == (tokens.pk, "New_Name", "New")
    assert row.modified_at > tokens.modified_at
    assert PermissionSetAssignment.objects.get().permission_set == tokens
    begin = "Changed permission set New: "
    assert trail() == [
        (
            "PermSetLabelChange",
            f"{begin}Master Label was changed from Token Exchange to New",
        ),
        (
            "PermSetDeveloperNameChange",
            f"{begin}API name was changed from Tokens to New_Name",
        ),
        ("PermSetDescriptionChange", f"{begin}description was changed"),
    ]


def test_saving_without_a_change_records_nothing(admin_client, tokens):
    url = url_of("Tokens", "edit-permission-set")

    admin_client.post(url, form_of(admin_client.get(url)))

    assert trail() == []
    assert PermissionSet.objects.get().modified_at == tokens.modified_at


def test_asks_again_if_someone_else_changed_the_permission_set(admin_client, tokens):
    url = url_of("Tokens", "edit-permission-set")
    form = form_of(admin_client.get(url)) | {"label": "Mine"}
    PermissionSet.objects.update(label="Theirs", modified_at=timezone.now())

    response = admin_client.post(url, form)

    assert response.status_code == 422
    assert "Someone else changed this permission set" in form_errors(response)[0]
    admin_client.post(url, form_of(response) | {"label": "Mine"})
    assert PermissionSet.objects.get().label == "Mine"


def test_refuses_invalid_values_at_their_fields(htmx_client, tokens, subtests):
    for field, value, message in [
        ("label", "", "Enter a label."),
        ("label", "a\x01b", "Labels can't contain control characters."),
        ("name", "2nd", "Start an API name with a letter."),
        ("name", "TOKENS", "Another permission set already has this API name."),
        ("description", "x" * 256, "at most 255 characters"),
    ]:
        with subtests.test(field=field, value=value):
            data = DETAILS | {"name": "Other", field: value}
            response = htmx_client.post(NEW, data)

            assert response.status_code == 422
            assert message in field_errors(response, field)[0]
    assert PermissionSet.objects.get() == tokens
    assert trail() == []


def test_an_org_has_a_limited_number_of_permission_sets(htmx_client, tokens, monkeypatch):
    monkeypatch.setattr(actions, "MAX_PERMISSION_SETS", 1)
    PermissionSetFactory(org=OrgFactory())

    response = htmx_client.post(NEW, DETAILS | {"name": "Second"})

    assert form_errors(response) == [
        "This org already has 1 permission sets, the limit. Delete one first."
    ]


# --- Delete -----------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_deletes_after_a_confirmation(request, client_name, tokens):
    client = request.getfixturevalue(client_name)
    url = url_of("Tokens", "delete-permission-set")
    AppPermissionSetFactory(org=tokens.org, permission_set=tokens)

    assertContains(client.get(url), "removed from 1 app.")
    client.post(url)

    assert not PermissionSet.objects.exists()
    assert not AppPermissionSet.objects.exists()
    assert toasts(client.get(LIST)) == ["Token Exchange was deleted."]
    assert trail() == [("PermSetDelete", "Deleted permission set Token Exchange")]


def test_a_permission_set_that_users_have_cannot_be_deleted(htmx_client, tokens, ada):
    assigned(ada, tokens)

    response = htmx_client.post(url_of("Tokens", "delete-permission-set"))

    assert response.status_code == 422
    assertContains(
        response,
        "1 user has the permission set Token Exchange. Remove their assignments first.",
        status_code=422,
    )
    assert PermissionSet.objects.exists()


def test_a_concurrent_deletion_is_recorded_once(admin, tokens):
    actions.delete_permission_set(permission_set=tokens, by=admin)
    actions.delete_permission_set(permission_set=tokens, by=admin)

    assert len(trail()) == 1
    with pytest.raises(ValidationError, match="Token Exchange was already deleted"):
        actions.edit_permission_set(
            permission_set=tokens, name="Tokens", label="X", by=admin
        )
    with pytest.raises(ValidationError, match="Token Exchange was already deleted"):
        actions.assign_permission_set(permission_set=tokens, user=admin, by=admin)


# --- Assignments from the permission set ----------------------------------------------


def test_lists_filters_and_sorts_assignments(admin_client, tokens, ada, subtests):
    assigned(ada, tokens)
    bob = UserFactory(
        org=tokens.org,
        first_name="Bob",
        last_name="Zed",
        username="zed@x.example",
        is_active=False,
    )
    assigned(bob, tokens)
    UserFactory(org=tokens.org)
    url = url_of("Tokens", "permission-set-assignments")

    for query, found in [
        ("", ["Ada Ames", "Bob Zed"]),
        ("search=AMES", ["Ada Ames"]),
        ("search=zed@", ["Bob Zed"]),
        ("search=zzz", []),
        ("active=no", ["Bob Zed"]),
        ("sort=-name", ["Bob Zed", "Ada Ames"]),
        ("sort=-username", ["Bob Zed", "Ada Ames"]),
    ]:
        with subtests.test(query=query):
            assert names(admin_client.get(f"{url}?{query}")) == found
    assertContains(admin_client.get(f"{url}?search=zzz"), "No matching users")
    other = PermissionSetFactory(org=tokens.org)
    empty = admin_client.get(url_of(other.name, "permission-set-assignments"))
    assertContains(empty, "sf org assign permset")


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_assigns_a_permission_set(request, client_name, tokens, ada):
    client = request.getfixturevalue(client_name)
    url = url_of("Tokens", "assign-permission-set")

    client.get(url)
    response = client.post(url, {"user": ada.username, "user_text": "Ada"})

    row = PermissionSetAssignment.objects.get()
    assert (row.org, row.user, row.permission_set) == (tokens.org, ada, tokens)
    back = url_of("Tokens", "permission-set-assignments")
    if response.status_code == 302:
        assert response["Location"] == back
        response = client.get(back)
    assert toasts(response) == ["Token Exchange was assigned to Ada Ames."]
    user_id = record_id(USER, ada.pk)[:15]
    display = (
        f"Permission set Token Exchange: assigned to user Ada Ames (UserID: [{user_id}])"
    )
    assert trail() == [("PermSetAssign", display)]


def test_without_javascript_search_lists_users(admin_client, tokens, ada):
    url = url_of("Tokens", "assign-permission-set")

    response = admin_client.post(url, {"user_text": "ames", "find": "user"})

    assert response.status_code == 200
    [radio] = read(response).all("input", type="radio")
    assert radio.attributes["value"] == ada.username
    assert not PermissionSetAssignment.objects.exists()


def test_refuses_users_who_cannot_be_assigned(htmx_client, tokens, ada, subtests):
    assigned(ada, tokens)
    stranger = UserFactory(org=OrgFactory())
    ids = record_id(USER, ada.pk), record_id(PERMISSION_SET, tokens.pk)
    for user, message in [
        ("", "Select a user."),
        (stranger.username, "Your choice was deleted. Select a user."),
        (
            ada.username,
            "Duplicate PermissionSetAssignment. Assignee: {}; Permission Set: {}".format(
                *ids
            ),
        ),
    ]:
        with subtests.test(user=user):
            url = url_of("Tokens", "assign-permission-set")
            response = htmx_client.post(url, {"user": user})

            assert response.status_code == 422
            assert errors(response, "user") == message
    assert PermissionSetAssignment.objects.count() == 1
    assert trail() == []


def test_a_user_has_a_limited_number_of_permission_sets(
    htmx_client, tokens, ada, monkeypatch
):
    monkeypatch.setattr(actions, "MAX_ASSIGNMENTS", 1)
    assigned(ada, PermissionSetFactory(org=tokens.org))

    url = url_of("Tokens", "assign-permission-set")
    response = htmx_client.post(url, {"user": ada.username})

    assert "Ada Ames already has 1 permission sets, the limit." in errors(response, "user")


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_removes_an_assignment(request, client_name, tokens, ada):
    client = request.getfixturevalue(client_name)
    assigned(ada, tokens)
    url = url_of("Tokens", "unassign-permission-set", ada.pk)

    assertContains(client.get(url), "Remove the assignment for Ada Ames?")
    client.post(url)

    assert not PermissionSetAssignment.objects.exists()
    [(action, display)] = trail()
    assert action == "PermSetUnassign"
    assert display.startswith("Permission set Token Exchange: unassigned from user Ada")
    assert client.get(url).status_code == 404


# --- Assignments from the user ----------------------------------------------------------


def test_a_users_page_shows_the_permission_sets(admin_client, tokens, ada):
    assigned(ada, tokens)

    response = admin_client.get(ada.get_absolute_url())

    assert ["Token Exchange", "Tokens"] in rows(response)
    other = admin_client.get(UserFactory(org=tokens.org).get_absolute_url())
    assertContains(other, "This user has no permission sets.")


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_selects_the_permission_sets_of_a_user(request, client_name, tokens, ada):
    client = request.getfixturevalue(client_name)
    assigned(ada, tokens)
    PermissionSetFactory(org=tokens.org, name="Alpha", label="Alpha")
    PermissionSetFactory(org=tokens.org, name="Beta", label="Beta")
    url = reverse("setup:edit-user-permission-sets", args=[ada.pk])
    form = form_of(client.get(url))
    assert form["permission_sets"] == ["Tokens"]

    client.post(url, form | {"permission_sets": ["Beta", "Alpha"]})

    sets = PermissionSet.objects.of_user(ada).by_label()
    assert [row.name for row in sets] == ["Alpha", "Beta"]
    assert [action for action, _ in trail()] == [
        "PermSetUnassign",
        "PermSetAssign",
        "PermSetAssign",
    ]
    assert "Ada Ames was saved." in toasts(client.get(ada.get_absolute_url()))


def test_selecting_the_same_permission_sets_records_nothing(admin_client, tokens, ada):
    assigned(ada, tokens)
    url = reverse("setup:edit-user-permission-sets", args=[ada.pk])

    admin_client.post(url, form_of(admin_client.get(url)))

    assert trail() == []


def test_asks_again_if_someone_else_changed_the_assignments(admin_client, tokens, ada):
    url = reverse("setup:edit-user-permission-sets", args=[ada.pk])
    form = form_of(admin_client.get(url))
    assigned(ada, tokens)

    response = admin_client.post(url, form)

    assert response.status_code == 422
    assert "Someone else changed the permission sets" in form_errors(response)[0]
    assert PermissionSetAssignment.objects.exists()


def test_refuses_another_orgs_permission_set(htmx_client, tokens, ada):
    theirs = PermissionSetFactory(org=OrgFactory(), name="Theirs")
    url = reverse("setup:edit-user-permission-sets", args=[ada.pk])
    form = form_of(htmx_client.get(url)) | {"permission_sets": [theirs.name]}

    response = htmx_client.post(url, form)

    assert field_errors(response, "permission_sets") == [
        "Select only listed permission sets."
    ]
    assert not PermissionSetAssignment.objects.exists()
