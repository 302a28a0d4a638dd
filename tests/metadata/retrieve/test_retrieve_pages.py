"""Retrieve: an org's components as a zip that can be deployed."""

import io
import json
import zipfile

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.conftest import signed_in
from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
)
from tests.metadata.deploy.sending import (
    SUFFIX,
    deploy,
    form_errors,
    page_text,
    sent,
    upload,
)
from tests.read import links, read
from tests.rollback import rolled_back
from tokenx.metadata.models import Status
from tokenx.org.models import ClientApp
from tokenx.training.scenarios.demo_org import build_demo_org

URL = reverse("metadata:retrieve")


@pytest.fixture
def handlers(admin):
    """Create three handlers, the first one with two enabled apps."""
    handlers = [
        TokenExchangeHandlerFactory(org=admin.org, label=label, modified_by=admin)
        for label in ("One", "Two", "Three <b>&")
    ]
    EnablementFactory(
        handler=handlers[0], is_default=True, app__contact_email="apps@mycompany.example"
    )
    external = ClientAppFactory(
        org=admin.org,
        kind=ClientApp.Kind.EXTERNAL,
        contact_email="apps@mycompany.example",
    )
    EnablementFactory(handler=handlers[0], app=external)
    return handlers


def retrieve(admin_client, **query):
    response = admin_client.get(URL, query)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith('attachment; filename="retrieved-')
    return response.getvalue()


def files(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_dialog_lists_all_handlers(admin_client, htmx_client, viewer_client, handlers):
    for client in (admin_client, htmx_client, viewer_client):
        response = client.get(URL)

        assert response.status_code == 200
        boxes = read(response).all("input", name="handlers")
        assert [box.attributes["value"] for box in boxes] == ["One", "Three_B", "Two"]
        assert not [box for box in boxes if "checked" in box.attributes]
        assert "Three <b>& (Three_B)" in read(response).text


def test_selected_handlers_have_a_manifest(admin_client, handlers):
    content = files(retrieve(admin_client, what="handlers", handlers=["One", "Three_B"]))

    assert list(content) == [
        f"oauthtokenexchangehandlers/One{SUFFIX}",
        f"oauthtokenexchangehandlers/Three_B{SUFFIX}",
        "package.xml",
    ]
    assert b"<members>Three_B</members>" in content["package.xml"]


def test_in_source_format_the_files_are_those_of_a_project(admin_client, handlers):
    content = files(
        retrieve(admin_client, what="handlers", handlers="One", source_format="on")
    )

    folder = "force-app/main/default/oauthtokenexchangehandlers"
    assert f"{folder}/One{SUFFIX}-meta.xml" in content


def test_the_whole_org_round_trips(admin_client, handlers, subtests):
    for source_format in ["", "on"]:
        with subtests.test(source_format=source_format), rolled_back():
            content = retrieve(admin_client, what="org", source_format=source_format)

            source = sent(admin_client, upload("retrieved.zip", content))
            response = admin_client.get(reverse("metadata:review", args=[source.pk]))
            deployment = deploy(admin_client, source)

            assert deployment.status == Status.SUCCEEDED, page_text(
                admin_client.get(reverse("metadata:deployment", args=[deployment.pk]))
            )
            outcomes = {m.outcome for m in deployment.messages.exclude(type_name="")}
            assert outcomes == {"Unchanged"}
            assert "Created" not in page_text(response)
            assert "Changed" not in page_text(response)


def test_the_form_shows_why_a_choice_is_invalid(
    admin_client, htmx_client, handlers, subtests
):
    for query, error in [
        ({"what": "handlers"}, "Select at least one handler."),
        (
            {"what": "handlers", "handlers": "Unknown"},
            "We couldn't find the handler",
        ),
        ({"what": "other"}, "other"),
        ({"what": ""}, "This field is required."),
    ]:
        for client in (admin_client, htmx_client):
            with subtests.test(query=query, is_htmx=client is htmx_client):
                response = client.get(URL, query)

                assert response.status_code == 422
                [message] = form_errors(response)
                assert error in message


def test_a_form_with_an_error_keeps_its_choices(admin_client, handlers):
    query = {"what": "handlers", "handlers": ["One", "Unknown"], "source_format": "on"}

    response = admin_client.get(URL, query)

    checked = {
        (each.attributes["name"], each.attributes["value"])
        for each in read(response).all("input")
        if "checked" in each.attributes
    }
    assert checked == {("what", "handlers"), ("handlers", "One"), ("source_format", "on")}


def test_refuses_more_files_than_a_package_can_have(admin_client, handlers, monkeypatch):
    monkeypatch.setattr("tokenx.metadata.package.zip_writer.MAX_FILES", 3)

    response = admin_client.get(URL, {"what": "org"})

    assert response.status_code == 422
    assert form_errors(response) == ["The package has more than 3 files."]


def test_counts_the_handlers_that_are_not_listed(admin_client, handlers, monkeypatch):
    monkeypatch.setattr("tokenx.metadata.deploy.forms.HANDLERS_LISTED", 2)

    response = admin_client.get(URL)

    assert len(read(response).all("input", name="handlers")) == 2
    assert "1 handler isn't listed. Retrieve the whole org" in page_text(response)


def test_an_org_without_handlers_can_be_retrieved(admin_client, org):
    response = admin_client.get(URL)

    assertContains(response, "This org has no token exchange handlers.")
    assert list(files(retrieve(admin_client, what="org"))) == ["package.xml"]


def test_does_not_list_or_retrieve_another_orgs_handlers(admin_client, org):
    TokenExchangeHandlerFactory(org=OrgFactory(), label="Theirs")

    assertNotContains(admin_client.get(URL), "Theirs")
    assert (
        admin_client.get(URL, {"what": "handlers", "handlers": "Theirs"}).status_code == 422
    )
    assert b"Theirs" not in b"".join(files(retrieve(admin_client, what="org")).values())


def test_the_lists_of_handlers_and_deployments_have_a_link_to_it(
    admin_client, viewer_client, handlers
):
    for client in (admin_client, viewer_client):
        for name in ("metadata:deployment-list", "handlers:list"):
            assert links(client.get(reverse(name)))["Retrieve"] == URL


def test_the_dialog_takes_the_same_few_queries(
    admin_client, admin, django_assert_max_num_queries
):
    for number in (3, 57):
        TokenExchangeHandlerFactory.create_batch(number, org=admin.org, modified_by=admin)

        with django_assert_max_num_queries(4):
            admin_client.get(URL)


@pytest.mark.slow
def test_the_demo_org_round_trips(db):
    page = signed_in(build_demo_org(password="x"))
    content = retrieve(page, what="org")

    deployment = deploy(page, sent(page, upload("retrieved.zip", content)))

    assert deployment.status == Status.SUCCEEDED
    assert {m.outcome for m in deployment.messages.exclude(type_name="")} == {"Unchanged"}


def test_the_dialog_starts_the_download_by_an_event(htmx_client, handlers):
    response = htmx_client.get(URL, {"what": "handlers", "handlers": ["One", "Two"]})

    event = json.loads(response["HX-Trigger"])
    assert event == {"download": {"url": f"{URL}?what=handlers&handlers=One&handlers=Two"}}
    assert not response.content
