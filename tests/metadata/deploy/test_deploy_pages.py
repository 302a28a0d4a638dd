"""Deploy Metadata: uploads, the review of changes, and missing references."""

from itertools import product

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import TokenExchangeHandlerFactory, UserFactory
from tests.metadata.format.samples import SAMPLES
from tests.metadata.package.zips import zip_of
from tests.read import links, read, toasts
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.models import Deployment, Source, SourceChunk, Status
from tokenx.org.models import ApexClass, ClientApp, User

from . import sending
from .deploying import RUN_AS, ready_for_handlers
from .sending import (
    DEPLOY,
    SUFFIX,
    a_zip,
    changes,
    deploy,
    form_errors,
    handler_file,
    page_text,
    placeholders,
    review,
    send,
    sent,
    upload,
)

SEED = (SAMPLES / "bad" / "as-printed.oauthtokenexchangehandler").read_text()


@pytest.fixture
def ready(org):
    ready_for_handlers(org, "Billing", "Till")


# --- Uploads ---------------------------------------------------------------------------


def test_an_uploaded_zip_is_stored_unchanged(admin_client, ready):
    package = a_zip(Mine=handler_file())
    content = package.read()
    package.seek(0)

    source = sent(admin_client, package)
    response = admin_client.get(reverse("metadata:source", args=[source.pk]))

    assert response.getvalue() == content
    assert response["Content-Length"] == str(len(content))
    assert response["Content-Disposition"] == 'attachment; filename="package.zip"'
    assert response["Content-Type"] == "application/octet-stream"


def test_several_files_are_one_package(admin_client, ready):
    source = sent(
        admin_client,
        upload(f"One{SUFFIX}", handler_file("One")),
        upload(f"Two{SUFFIX}-meta.xml", handler_file("Two")),
        upload("notes.txt", b"not metadata"),
    )

    assert source.name == "3 files.zip"
    assert list(changes(admin_client.get(review(source)))) == [
        "One OauthTokenExchangeHandler Created",
        "Two OauthTokenExchangeHandler Created",
    ]


def test_one_file_is_enough(admin_client, ready):
    source = sent(admin_client, upload(f"Mine{SUFFIX}", handler_file()))

    assert source.name == f"Mine{SUFFIX}"
    assert deploy(admin_client, source).status == Status.SUCCEEDED
    assert TokenExchangeHandler.objects.get().developer_name == "Mine"


def test_a_handler_saved_as_xml_gets_its_name_from_its_content(
    admin_client, ready, subtests
):
    names = ["handler.xml", f"Mine{SUFFIX}.xml", "Mine (1).XML"]
    for name, encoding in product(names, ["utf-8", "utf-16"]):
        with subtests.test(name=name, encoding=encoding), rolled_back():
            xml = handler_file().decode().replace("UTF-8", encoding, 1)

            source = sent(admin_client, upload(name, xml.encode(encoding)))

            assert source.name == f"Mine{SUFFIX}"
            assert deploy(admin_client, source).status == Status.SUCCEEDED


def test_other_xml_keeps_its_file_name(admin_client, subtests):
    for name in ["package.xml", "some.xml", f"Mine{SUFFIX}-meta.xml"]:
        with subtests.test(name=name), rolled_back():
            assert sent(admin_client, upload(name, b"<Package/>")).name == name


def test_pasted_xml_gets_its_name_from_its_content(admin_client, ready):
    source = sent(admin_client, xml=f"\n\n  {handler_file().decode()}\n")

    assert source.name == f"Mine{SUFFIX}"
    assert deploy(admin_client, source).status == Status.SUCCEEDED


def test_pasted_xml_without_a_name_is_called_pasted(admin_client):
    assert sent(admin_client, xml="<x/>").name == f"Pasted{SUFFIX}"


def test_an_invalid_pasted_name_is_reported_at_its_element(admin_client, ready, subtests):
    for name in ["9lives", "My Handler", "my-handler", "Händler"]:
        with subtests.test(name=name), rolled_back():
            source = sent(admin_client, xml=handler_file(name).decode())

            assert source.name == f"{name}{SUFFIX}"
            [problem] = deploy(admin_client, source).messages.filter(success=False)
            assert problem.problem.startswith("In field: developerName - ")
            assert "API name" in problem.problem


def test_a_pasted_name_that_no_file_can_have_is_not_used(admin_client, ready, subtests):
    for name in ["../up", "C:up", ".up", "a%41", "a\u200bb", "a" * 90]:
        with subtests.test(name=name), rolled_back():
            source = sent(admin_client, xml=handler_file(name).decode())

            assert source.name == f"Pasted{SUFFIX}"
            assert deploy(admin_client, source).status == Status.FAILED


def test_the_form_shows_why_files_cannot_be_sent(admin_client, subtests):
    for uploads, xml, error in [
        ([], "", "Choose a file, or paste a handler's XML."),
        ([], " \n\t ", "Choose a file, or paste a handler's XML."),
        (["a.zip"], "<x/>", "Choose files or paste XML, not both."),
        (["a.zip", "b.xml"], "", "a.zip is a zip file. Upload it without other files."),
        (["a.txt", "b.xml"], "", "No metadata files of a supported type: 2 files."),
        ([f"a{SUFFIX}", f"A{SUFFIX}"], "", "has almost the same name as"),
        ([f"a{SUFFIX}", f"a{SUFFIX}"], "", "is included twice"),
        (["empty"], "", "empty is empty."),
    ]:
        with subtests.test(uploads=uploads):
            files = [upload(name, b"" if name == "empty" else b"x") for name in uploads]

            response = send(admin_client, *files, xml=xml)

            assert response.status_code == 422
            [message] = form_errors(response)
            assert error in message
            assert not Source.objects.exists()


def test_pasted_xml_stays_unchanged_on_the_form(admin_client):
    response = send(admin_client, upload("a.zip", b"x"), xml="\n  <a>&amp;</a>\n")

    [field] = read(response).all("textarea")
    assert field.children[0] == "\n\n  <a>&amp;</a>\n"


def test_too_much_xml_is_refused(admin_client):
    response = send(admin_client, xml="x" * 1_000_001)

    assert response.status_code == 422
    assert "at most 1000000 characters" in form_errors(response)[0]


def test_a_file_that_is_too_large_is_refused(admin_client, monkeypatch):
    monkeypatch.setattr("tokenx.metadata.deploy.actions.MAX_ZIP_SIZE", 1_000)

    response = send(admin_client, upload("large.zip", b"x" * 1_001))

    assert response.status_code == 422
    assert "large.zip is too large" in form_errors(response)[0]
    assert not Source.objects.exists()


def test_too_many_files_are_refused_with_an_explanation(admin_client):
    response = send(admin_client, *(upload(f"H{n}{SUFFIX}", b"x") for n in range(1_001)))

    assertContains(response, "too many files. Send one .zip file instead.", status_code=400)


HOSTILE = [
    "../../etc/passwd.zip",
    "<img src=x onerror=alert(1)>.zip",
    "\"'; rm -rf.zip",
    "x" * 300 + ".zip",
    "日本語 🙂.zip",
    "a\r\nSet-Cookie: x=y.zip",
    "{{ 7 }}{% now 'Y' %}.zip",
]


def test_a_hostile_name_is_shown_as_text(admin_client, ready, subtests):
    content = zip_of({f"a{SUFFIX}": b"x"}).getvalue()
    for name in HOSTILE:
        with subtests.test(name=name), rolled_back():
            source = sent(admin_client, upload(name, content))

            assert "/" not in source.name
            assert len(source.name) <= 255
            deployment = deploy(admin_client, source)
            for url in [
                review(source),
                sending.address(deployment),
                reverse("metadata:deployment-list"),
            ]:
                response = admin_client.get(url)
                assert response.status_code == 200
                assert not read(response).all("img")
                assert source.name in read(response).text
            download = admin_client.get(reverse("metadata:source", args=[source.pk]))
            assert "\n" not in download["Content-Disposition"]
            assert "Set-Cookie" not in download.headers


DAMAGED = "The zip file is damaged: File is not a zip file"


def test_the_review_shows_why_an_archive_is_refused(admin_client, subtests):
    for content, problem in [
        (b"no zip", "The file is not a zip file."),
        (zip_of({"a": b"x" * 999}).getvalue()[:-30], DAMAGED),
        (
            zip_of({"../a": b"x"}).getvalue(),
            "The zip file can't be used: the file '../a' has an invalid path.",
        ),
    ]:
        with subtests.test(problem=problem):
            source = sent(admin_client, upload("package.zip", content))

            response = admin_client.get(review(source))

            assert form_errors(response) == [problem]
            assert links(response)["Choose other files"] == DEPLOY
            assertNotContains(response, "Check Only")
            assert admin_client.get(placeholders(source)).status_code == 404


def test_a_damaged_zip_does_not_fail_the_page(admin_client):
    content = bytearray(zip_of({f"Mine{SUFFIX}": handler_file()}).getvalue())
    content[60:90] = bytes(30)

    source = sent(admin_client, upload("package.zip", bytes(content)))

    assert "damaged" in page_text(admin_client.get(review(source)))
    assert deploy(admin_client, source).status == Status.FAILED


# --- The review ------------------------------------------------------------------------


def test_a_new_handler_is_shown_element_by_element(admin_client, ready):
    source = sent(admin_client, xml=handler_file("Mine", "Till").decode())

    [(heading, lines)] = changes(admin_client.get(review(source))).items()

    assert heading == "Mine OauthTokenExchangeHandler Created"
    assert "masterLabel Mine" in lines
    assert "isJwtSupported true" in lines
    assert f"Till connectedApp, added {RUN_AS}" in lines
    assert not TokenExchangeHandler.objects.exists()


def test_a_change_is_shown_by_field_and_by_app(admin_client, ready):
    deploy(admin_client, sent(admin_client, xml=handler_file("Mine", "Till").decode()))

    changed = handler_file("Mine", "Billing", label="Better", supports_jwt=False)
    response = admin_client.get(review(sent(admin_client, xml=changed.decode())))

    assert changes(response) == {
        "Mine OauthTokenExchangeHandler Changed": [
            "isJwtSupported true false",
            "masterLabel Mine Better",
            f"Billing connectedApp, added {RUN_AS}",
            f"Till connectedApp, removed {RUN_AS}",
        ]
    }


def test_an_identical_component_is_unchanged(admin_client, ready):
    deploy(admin_client, sent(admin_client, xml=handler_file("Mine", "Till").decode()))

    response = admin_client.get(
        review(sent(admin_client, xml=handler_file("Mine", "Till").decode()))
    )

    assert changes(response) == {"Mine OauthTokenExchangeHandler Unchanged": []}


MANIFEST = """\
<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">{types}
    <version>62.0</version>
</Package>
"""
DELETIONS = """
    <types>
        <members>Mine</members>
        <members>NoneSuch</members>
        <name>OauthTokenExchangeHandler</name>
    </types>"""


def test_deletions_are_shown_even_of_missing_components(admin_client, admin):
    TokenExchangeHandlerFactory(org=admin.org, label="Mine", modified_by=admin)
    package = zip_of(
        {
            "package.xml": MANIFEST.format(types=""),
            "destructiveChanges.xml": MANIFEST.format(types=DELETIONS),
        }
    )

    source = sent(admin_client, upload("package.zip", package.getvalue()))
    response = admin_client.get(review(source))

    assert list(changes(response)) == [
        "Mine OauthTokenExchangeHandler Deleted",
        "NoneSuch OauthTokenExchangeHandler Unchanged",
    ]
    assert "named: NoneSuch" in page_text(response)
    assert deploy(admin_client, source).status == Status.SUCCEEDED
    assert not TokenExchangeHandler.objects.exists()


def test_an_unreadable_file_is_shown_with_its_position(admin_client):
    response = admin_client.get(review(sent(admin_client, xml=SEED)))

    assert list(changes(response)) == [
        "MyTokenExchangeHandler OauthTokenExchangeHandler Can't be read"
    ]
    assert "(1:806)" in page_text(response)


def test_a_file_of_an_unknown_type_cannot_be_read(admin_client):
    response = admin_client.get(review(sent(admin_client, upload("notes.txt", b"x"))))

    assert list(changes(response)) == ["package.xml Package Can't be read"]


def test_an_empty_package_has_nothing_to_deploy(admin_client):
    empty = zip_of({"package.xml": MANIFEST.format(types="")}).getvalue()

    response = admin_client.get(review(sent(admin_client, upload("package.zip", empty))))

    assert "These files have no components to deploy." in page_text(response)


def test_compares_a_limited_number_of_components(admin_client, ready, monkeypatch):
    monkeypatch.setattr("tokenx.metadata.deploy.views.deploy.COMPARED", 2)
    source = sent(admin_client, a_zip(**{f"H{n}": handler_file(f"H{n}") for n in range(5)}))

    response = admin_client.get(review(source))

    assert len(changes(response)) == 2
    assertContains(response, "3 more components aren't listed.")


def test_a_files_content_is_escaped(admin_client, ready):
    hostile = "<script>alert(1)</script>"
    response = admin_client.get(
        review(
            sent(admin_client, xml=handler_file(label=hostile, apex_class="No<b>").decode())
        )
    )

    assert hostile in page_text(response)
    assert "No<b>" in page_text(response)
    assert not [s for s in read(response).all("script") if "alert" in s.text]


# --- Placeholders ----------------------------------------------------------------------


@pytest.fixture
def unready(admin_client):
    """Upload a file with references that are missing from the org."""
    return sent(admin_client, xml=handler_file("Mine", "Till", "Billing").decode())


def test_missing_references_are_listed_with_a_link_to_create_placeholders(
    admin_client, unready
):
    response = admin_client.get(review(unready))

    assert "The deployment fails until these exist" in page_text(response)
    for line in [f"Users: {RUN_AS}", "Connected apps: Till", "Apex classes: ShopTokens"]:
        assertContains(response, line)
    assert links(response)["Create Placeholders"] == placeholders(unready)


def test_no_placeholder_is_preselected(admin_client, htmx_client, unready):
    for client in (admin_client, htmx_client):
        response = client.get(placeholders(unready))

        boxes = [
            box.attributes
            for box in read(response).all("input", type="checkbox")
            if box.attributes.get("name") != "q"
        ]
        values = [box["value"] for box in boxes]
        assert values == [RUN_AS, "Till", "Billing", "ShopTokens"]
        assert not [box for box in boxes if "checked" in box]


def test_creates_only_the_selected_placeholders(admin_client, org, unready):
    selected = {"users": [RUN_AS], "connected_apps": ["Till"]}
    response = admin_client.post(placeholders(unready), selected, follow=True)

    assert response.redirect_chain[0][0] == review(unready)
    assert toasts(response) == [f"Placeholders created: user {RUN_AS}, connected app Till."]
    assert not User.objects.get(username=RUN_AS).has_usable_password()
    assert ClientApp.objects.exchangeable().get().api_name == "Till"
    assert not ApexClass.objects.exists()
    assertNotContains(response, f"Users: {RUN_AS}")
    assertContains(response, "Connected apps: Billing")


def test_with_all_placeholders_the_deployment_succeeds(admin_client, unready):
    assert deploy(admin_client, unready).status == Status.FAILED
    selected = {
        "users": [RUN_AS],
        "connected_apps": ["Till", "Billing"],
        "apex_classes": ["ShopTokens"],
    }
    response = admin_client.post(placeholders(unready), selected, follow=True)

    assertNotContains(response, "until these exist")
    assert deploy(admin_client, unready).status == Status.SUCCEEDED
    assert Enablement.objects.count() == 2


def test_refuses_placeholders_that_are_not_missing(admin_client, unready, subtests):
    for selected, error in [
        ({}, "Select at least one placeholder."),
        ({"users": ["x@x.example"]}, "x@x.example is no longer missing."),
        ({"external_apps": ["Other"]}, "Other is no longer missing."),
    ]:
        with subtests.test(selected=selected):
            response = admin_client.post(placeholders(unready), selected)

            assert response.status_code == 422
            assert form_errors(response) == [error]
            assert not ClientApp.objects.exists()


def test_a_form_with_an_error_offers_only_missing_placeholders(admin_client, unready):
    response = admin_client.post(placeholders(unready), {})

    legends = [each.text for each in read(response).all("legend")]
    assert legends == ["Users", "Connected apps", "Apex classes"]


def test_a_placeholder_created_concurrently_is_not_created_again(
    admin_client, org, unready
):
    UserFactory(org=org, username=RUN_AS)

    response = admin_client.post(
        placeholders(unready), {"users": [RUN_AS], "apex_classes": []}
    )

    assert response.status_code == 422
    assert form_errors(response) == [f"{RUN_AS} is no longer missing."]


def test_an_invalid_name_is_refused_with_an_explanation(admin_client, org):
    source = sent(admin_client, xml=handler_file(apex_class="Not a name!").decode())

    response = admin_client.post(placeholders(source), {"apex_classes": ["Not a name!"]})

    assert response.status_code == 422
    assert all(
        each.startswith("Apex class Not a name!: ") for each in form_errors(response)
    )
    assert form_errors(response)
    assert not ApexClass.objects.exists()


def test_a_problem_is_reported_once_with_its_name(admin_client):
    invalid = handler_file("Mine", "Till").replace(RUN_AS.encode(), b"no address")
    source = sent(admin_client, xml=invalid.decode())

    response = admin_client.post(placeholders(source), {"users": ["no address"]})

    assert form_errors(response) == ["user no address: Enter a valid email address."]


def test_offers_the_first_200_apps_and_counts_the_others(admin_client):
    apps = [f"App{number}" for number in range(1_205)]
    source = sent(admin_client, xml=handler_file("Mine", *apps).decode())

    for address in (review(source), placeholders(source)):
        response = admin_client.get(address)
        assertContains(response, "App199")
        assertContains(response, "1,005 more. They&#x27;re listed after you create these.")


def test_offers_no_placeholders_if_nothing_is_missing(admin_client, ready):
    source = sent(admin_client, xml=handler_file().decode())

    assertNotContains(admin_client.get(review(source)), "Create Placeholders")
    response = admin_client.get(placeholders(source))
    assertContains(response, "All references exist now.")
    assert not read(response).all("button", class_="slds-button slds-button_brand")
    assert admin_client.post(placeholders(source), {}).status_code == 422


# --- Check and deploy ------------------------------------------------------------------


def brand_button(response):
    [form] = [f for f in read(response).all("form") if f.all("button", value="check")]
    return form.one("button", class_="slds-button slds-button_brand").text


def test_check_first_and_then_deploy(admin_client, ready):
    source = sent(admin_client, xml=handler_file().decode())
    assert brand_button(admin_client.get(review(source))) == "Check Only"

    check = deploy(admin_client, source, do="check")

    assert (check.check_only, check.status) == (True, Status.SUCCEEDED)
    assert not TokenExchangeHandler.objects.exists()
    assert brand_button(admin_client.get(review(source))) == "Deploy"
    assert not deploy(admin_client, source).check_only
    assert TokenExchangeHandler.objects.exists()


def test_only_checks_unless_asked_to_deploy(admin_client, ready):
    source = sent(admin_client, xml=handler_file().decode())
    for do in ["", "check", "anything"]:
        assert deploy(admin_client, source, do=do).check_only


def test_uses_the_selected_options(admin_client, ready):
    source = sent(admin_client, xml=handler_file().decode())

    admin_client.post(review(source), {"do": "check", "purge_on_delete": "on"})

    deployment = Deployment.objects.get()
    assert not deployment.rollback_on_error
    assert not deployment.ignore_warnings
    assert deployment.purge_on_delete


def test_without_rollback_the_other_components_are_kept(admin_client, ready):
    files = {"Good": handler_file("Good"), "Bad": handler_file("Bad", "NoneSuch")}
    source = sent(admin_client, a_zip(**files))

    deployment = deploy(admin_client, source, rollback_on_error="")

    assert deployment.status == Status.SUCCEEDED_PARTIAL
    assert TokenExchangeHandler.objects.get().developer_name == "Good"
    response = admin_client.get(sending.address(deployment))
    assertContains(response, "1 of 2 components, 1 failed.")


def test_deploying_twice_changes_nothing_the_second_time(admin_client, ready):
    source = sent(admin_client, xml=handler_file("Mine", "Till").decode())

    first, second = deploy(admin_client, source), deploy(admin_client, source)

    assert [m.outcome for d in (first, second) for m in d.messages.all()] == [
        "Created",
        "Unchanged",
    ]
    assert Enablement.objects.count() == 1


def test_a_deleted_source_is_not_found(admin_client, ready):
    source = sent(admin_client, xml=handler_file().decode())
    SourceChunk.objects.all().delete()
    Source.objects.all().delete()

    for response in [
        admin_client.get(review(source)),
        admin_client.post(review(source), {"do": "deploy"}),
    ]:
        assert response.status_code == 404
        assertContains(response, "These files are no longer stored.", status_code=404)


def test_the_review_takes_the_same_few_queries(
    admin_client, ready, django_assert_max_num_queries
):
    for number in (1, 20):
        files = {f"H{n}": handler_file(f"H{n}", "Till") for n in range(number)}
        source = sent(admin_client, a_zip(**files))

        with django_assert_max_num_queries(14):
            admin_client.get(review(source))


def test_the_dialog_reloads_the_page(htmx_client, unready):
    response = htmx_client.post(placeholders(unready), {"users": [RUN_AS]})

    assert response["HX-Redirect"] == review(unready)
