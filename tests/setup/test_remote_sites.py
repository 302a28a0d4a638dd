"""Remote Site Settings: the list, a remote site, its dialogs, and the audit trail."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import OrgFactory, RemoteSiteFactory
from tests.form import field_errors, form_errors, form_of
from tests.read import headings, links, names, record, rows, toasts
from tokenx.org.models import AuditEntry, RemoteSite
from tokenx.org.models.remote_site import validate_remote_site_url
from tokenx.setup.actions import remote_sites as actions

LIST, NEW = "/remote-sites/", "/new-remote-site/"
DETAILS = {
    "name": "Okta_Keys",
    "url": "https://mycompany.okta.com",
    "description": "Keys",
    "is_active": "on",
}
HOSTILE = "<script>alert(1)</script> 🙂 \u202eשלום"


def url_of(name, verb="remote-site"):
    return reverse(f"setup:{verb}", args=[name])


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


@pytest.fixture
def okta(org):
    return RemoteSiteFactory(
        org=org, name="Okta_Keys", url="https://mycompany.okta.com", description="Keys"
    )


# --- The list and a remote site ---------------------------------------------------------


def test_lists_the_orgs_remote_sites(admin_client, okta):
    RemoteSiteFactory(org=okta.org, name="Alpha", url="http://a.example", is_active=False)
    RemoteSiteFactory(org=OrgFactory(), name="Elsewhere")

    response = admin_client.get(LIST)

    assert headings(response) == [
        "Remote Site Name",
        "Remote Site URL",
        "Active",
        "Last Modified",
    ]
    assert [row[:3] for row in rows(response)] == [
        ["Alpha", "http://a.example", "No"],
        ["Okta_Keys", "https://mycompany.okta.com", "Yes"],
    ]
    assert links(response)["Okta_Keys"] == url_of("Okta_Keys")
    assert links(response)["New Remote Site"] == NEW


def test_the_setup_tree_leads_to_the_list(admin_client):
    assert links(admin_client.get("/"))["Remote Site Settings"] == LIST


def test_searches_filters_and_sorts(admin_client, okta, subtests):
    RemoteSiteFactory(org=okta.org, name="Alpha", url="http://a.example", is_active=False)
    for query, found in [
        ("search=okta", ["Okta_Keys"]),
        ("search=A.EXAMPLE", ["Alpha"]),
        ("search=zzz", []),
        ("search=%00", ["Alpha", "Okta_Keys"]),
        ("active=yes", ["Okta_Keys"]),
        ("active=no", ["Alpha"]),
        ("sort=-name", ["Okta_Keys", "Alpha"]),
        ("sort=url", ["Alpha", "Okta_Keys"]),
    ]:
        with subtests.test(query=query):
            assert names(admin_client.get(f"{LIST}?{query}")) == found
    assertContains(admin_client.get(f"{LIST}?search=zzz"), "No matching remote sites")
    assertNotContains(admin_client.get(LIST, {"search": HOSTILE}), "<script>alert")


def test_an_org_without_remote_sites_says_what_they_do(admin_client):
    assertContains(admin_client.get(LIST), "No remote sites yet")


def test_shows_a_remote_site(admin_client, okta):
    shown = record(admin_client.get(url_of("Okta_Keys")))

    assert shown.pop("Last Modified By")
    assert shown.pop("Created By")
    assert shown == {
        "Remote Site Name": "Okta_Keys",
        "Remote Site URL": "https://mycompany.okta.com",
        "Disable Protocol Security": "No",
        "Active": "Yes",
        "Description": "Keys",
    }


def test_a_viewer_sees_remote_sites_but_no_buttons(viewer_client, okta):
    for url in [LIST, url_of("Okta_Keys")]:
        response = viewer_client.get(url)
        assertContains(response, "You have view-only access to Setup.")
        assert not {"New Remote Site", "Edit", "Delete"} & links(response).keys()


def test_the_pages_take_few_queries(
    admin_client, org, django_assert_max_num_queries, subtests
):
    for more in [3, 60]:
        RemoteSiteFactory.create_batch(more, org=org)
        name = RemoteSite.objects.filter(org=org).first().name
        for url, most in [
            (LIST, 5),
            # Two for the user who modified it last.
            (url_of(name), 6),
            (url_of(name, "edit-remote-site"), 5),
        ]:
            with subtests.test(more=more, url=url), django_assert_max_num_queries(most):
                assert admin_client.get(url).status_code == 200


# --- New and Edit -----------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_creates_a_remote_site(request, client_name, org):
    client = request.getfixturevalue(client_name)

    client.post(NEW, form_of(client.get(NEW)) | DETAILS)

    site = RemoteSite.objects.get()
    assert (site.org, site.name, site.url) == (org, "Okta_Keys", DETAILS["url"])
    assert (site.is_active, site.disables_protocol_security) == (True, False)
    assert toasts(client.get(LIST)) == ["Okta_Keys was saved."]
    display = "Remote Proxy insert Okta_Keys: https://mycompany.okta.com"
    assert trail() == [("remoteproxy", "Security Controls", display)]


def test_a_new_remote_site_is_active_unless_cleared(admin_client, org):
    form = form_of(admin_client.get(NEW)) | DETAILS
    assert form["is_active"]
    del form["is_active"]

    admin_client.post(NEW, form)

    assert not RemoteSite.objects.get().is_active


def test_edits_a_remote_site(admin_client, okta):
    url = url_of("Okta_Keys", "edit-remote-site")
    changed = {"name": "Keys", "url": "http://keys.example:8080/jwks"}

    response = admin_client.post(url, form_of(admin_client.get(url)) | changed)

    assert response["Location"] == url_of("Keys")
    site = RemoteSite.objects.get()
    assert (site.pk, site.name, site.url) == (okta.pk, *changed.values())
    assert site.modified_at > okta.modified_at
    display = "Remote Proxy update Keys: http://keys.example:8080/jwks"
    assert trail() == [("remoteproxy", "Security Controls", display)]


def test_saving_without_a_change_records_nothing(admin_client, okta):
    url = url_of("Okta_Keys", "edit-remote-site")

    admin_client.post(url, form_of(admin_client.get(url)))

    assert trail() == []
    assert RemoteSite.objects.get().modified_at == okta.modified_at


def test_asks_again_if_someone_else_changed_the_remote_site(admin_client, okta):
    url = url_of("Okta_Keys", "edit-remote-site")
    form = form_of(admin_client.get(url)) | {"description": "Mine"}
    RemoteSite.objects.update(description="Theirs", modified_at=timezone.now())

    response = admin_client.post(url, form)

    assert response.status_code == 422
    assert "Someone else changed this remote site" in form_errors(response)[0]
    admin_client.post(url, form_of(response) | {"description": "Mine"})
    assert RemoteSite.objects.get().description == "Mine"


def test_refuses_invalid_values_at_their_fields(htmx_client, okta, subtests):
    for field, value, message in [
        ("name", "", "Enter a name."),
        ("name", "2nd", "Start an API name with a letter."),
        ("name", "okta_KEYS", "Another remote site already has this name."),
        ("url", "", "Enter a URL."),
        ("url", "mycompany.okta.com", "Enter a URL with https:// or http://"),
        ("url", "https://a.example:8", "Use port 80 with http://"),
    ]:
        with subtests.test(field=field, value=value):
            data = DETAILS | {"name": "Other", field: value}
            response = htmx_client.post(NEW, data)

            assert response.status_code == 422
            assert message in field_errors(response, field)[0]
    assert RemoteSite.objects.get() == okta
    assert trail() == []


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "http://a.example/path?query=1",
        "http://a.example:80",
        "https://a.example:443",
        "http://a.example:1024",
        "https://a.example:65535",
        "https://[2001:db8::1]",
        "http://localhost:8000",
    ],
)
def test_accepts_a_url_with_an_allowed_port(url):
    validate_remote_site_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example",
        "ftp://a.example",
        "https://",
        "https://:443",
        "https://ada@a.example",
        "https://[a.example",
        "https://a.example:70000",
        "https://a.example:x",
        "https://a.example:80",
        "http://a.example:443",
        "https://a.example:1023",
        "https://a.example:0",
        "https://a.example/a b",
        "https://a.example/\n",
        "https://a.example/\0",
        "javascript:alert(1)",
    ],
)
def test_refuses_any_other_url(url):
    with pytest.raises(ValidationError):
        validate_remote_site_url(url)


def test_an_org_has_a_limited_number_of_remote_sites(htmx_client, okta, monkeypatch):
    monkeypatch.setattr(actions, "MAX_REMOTE_SITES", 1)
    RemoteSiteFactory(org=OrgFactory())

    response = htmx_client.post(NEW, DETAILS | {"name": "Second"})

    assert form_errors(response) == [
        "This org already has 1 remote sites, the limit. Delete one first."
    ]


# --- Delete -----------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_deletes_after_a_confirmation(request, client_name, okta):
    client = request.getfixturevalue(client_name)
    url = url_of("Okta_Keys", "delete-remote-site")

    assertContains(client.get(url), "be able to call https://mycompany.okta.com.")
    client.post(url)

    assert not RemoteSite.objects.exists()
    assert toasts(client.get(LIST)) == ["Okta_Keys was deleted."]
    assert trail()[0][2] == "Remote Proxy delete Okta_Keys: https://mycompany.okta.com"


def test_a_concurrent_deletion_is_recorded_once(admin, okta):
    actions.delete_remote_site(site=okta, by=admin)
    actions.delete_remote_site(site=okta, by=admin)

    assert len(trail()) == 1
    with pytest.raises(ValidationError, match="Okta_Keys was already deleted"):
        actions.edit_remote_site(
            site=okta, name="Okta_Keys", url=okta.url, is_active=True, by=admin
        )
