"""Deploy Metadata: what is sent, what it would change, and what is missing for it."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import TokenExchangeHandlerFactory, UserFactory
from tests.handlers.read import links, read, toasts
from tests.metadata import sending
from tests.metadata.deploying import RUN_AS, ready_for_handlers
from tests.metadata.samples import SAMPLES
from tests.metadata.sending import (
    DEPLOY,
    SUFFIX,
    a_zip,
    changes,
    deploy,
    form_errors,
    handler_file,
    placeholders,
    review,
    send,
    sent,
    upload,
    words,
)
from tests.metadata.zips import zip_of
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.models import Deployment, Source, SourceChunk, Status
from tokenx.org.models import ApexClass, ClientApp, User

SEED = (SAMPLES / "bad" / "as-printed.oauthtokenexchangehandler").read_text()


@pytest.fixture
def ready(org):
    ready_for_handlers(org, "Billing", "Till")


# --- Sending ---------------------------------------------------------------------------


def test_a_zip_is_sent_and_kept_byte_for_byte(admin_client, ready):
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", ["handler.xml", f"Mine{SUFFIX}.xml", "Mine (1).XML"])
def test_a_handler_that_was_saved_as_xml_is_called_as_it_says(
    admin_client, ready, name, encoding
):
    xml = handler_file().decode().replace('encoding="UTF-8"', f'encoding="{encoding}"')

    source = sent(admin_client, upload(name, xml.encode(encoding)))

    assert source.name == f"Mine{SUFFIX}"
    assert deploy(admin_client, source).status == Status.SUCCEEDED


@pytest.mark.parametrize("name", ["package.xml", "some.xml", f"Mine{SUFFIX}-meta.xml"])
def test_other_xml_is_called_what_it_is(admin_client, name):
    assert sent(admin_client, upload(name, b"<Package/>")).name == name


def test_xml_can_be_pasted_and_is_called_as_it_says(admin_client, ready):
    source = sent(admin_client, xml=f"\n\n  {handler_file().decode()}\n")

    assert source.name == f"Mine{SUFFIX}"
    assert deploy(admin_client, source).status == Status.SUCCEEDED


def test_xml_that_has_no_name_is_called_pasted(admin_client):
    assert sent(admin_client, xml="<x/>").name == f"Pasted{SUFFIX}"


@pytest.mark.parametrize("name", ["9lives", "My Handler", "my-handler", "Händler"])
def test_a_pasted_name_that_is_none_is_told_so_where_it_stands(admin_client, ready, name):
    source = sent(admin_client, xml=handler_file(name).decode())

    assert source.name == f"{name}{SUFFIX}"
    [problem] = deploy(admin_client, source).messages.filter(success=False)
    assert "In field: developerName - An API name" in problem.problem


@pytest.mark.parametrize("name", ["../up", "C:up", ".up", "a%41", "a\u200bb", "a" * 90])
def test_a_pasted_name_that_no_file_can_have_is_left_out(admin_client, ready, name):
    source = sent(admin_client, xml=handler_file(name).decode())

    assert source.name == f"Pasted{SUFFIX}"
    assert deploy(admin_client, source).status == Status.FAILED


@pytest.mark.parametrize(
    ("uploads", "xml", "error"),
    [
        ([], "", "Choose a file, or paste the XML of a handler."),
        ([], " \n\t ", "Choose a file, or paste the XML of a handler."),
        (["a.zip"], "<x/>", "Send files or XML, not both."),
        (["a.zip", "b.xml"], "", "a.zip is a zip file: send it alone."),
        (["a.txt", "b.xml"], "", "No file of a type that is known here: 2 files."),
        ([f"a{SUFFIX}", f"A{SUFFIX}"], "", "is spelled almost like"),
        ([f"a{SUFFIX}", f"a{SUFFIX}"], "", "is there twice"),
        (["empty"], "", "empty is empty."),
    ],
)
def test_what_cannot_be_sent_is_said_on_the_form(admin_client, uploads, xml, error):
    files = [upload(name, b"" if name == "empty" else b"x") for name in uploads]

    response = send(admin_client, *files, xml=xml)

    assert response.status_code == 422
    [said] = form_errors(response)
    assert error in said
    assert not Source.objects.exists()


def test_pasted_xml_stays_on_the_form_as_it_is(admin_client):
    response = send(admin_client, upload("a.zip", b"x"), xml="\n  <a>&amp;</a>\n")

    [field] = read(response).all("textarea")
    assert field.children[0] == "\n\n  <a>&amp;</a>\n"


def test_too_much_xml_is_refused(admin_client):
    response = send(admin_client, xml="x" * 1_000_001)

    assert response.status_code == 422
    assert "at most 1000000 characters" in form_errors(response)[0]


def test_a_file_that_is_too_large_is_refused(admin_client, monkeypatch):
    monkeypatch.setattr("tokenx.metadata.actions.MAX_ZIP_SIZE", 1_000)

    response = send(admin_client, upload("large.zip", b"x" * 1_001))

    assert response.status_code == 422
    assert "large.zip is too large" in form_errors(response)[0]
    assert not Source.objects.exists()


def test_too_many_files_at_once_are_refused_in_words(admin_client):
    response = send(admin_client, *(upload(f"H{n}{SUFFIX}", b"x") for n in range(1_001)))

    assertContains(response, "too many files at once: send one zip.", status_code=400)


HOSTILE = [
    "../../etc/passwd.zip",
    "<img src=x onerror=alert(1)>.zip",
    "\"'; rm -rf.zip",
    "x" * 300 + ".zip",
    "日本語 🙂.zip",
    "a\r\nSet-Cookie: x=y.zip",
    "{{ 7 }}{% now 'Y' %}.zip",
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_is_a_name(admin_client, ready, name):
    source = sent(admin_client, upload(name, zip_of({f"a{SUFFIX}": b"x"}).getvalue()))

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


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"no zip", "The file is not a zip file."),
        (zip_of({"a": b"x" * 999}).getvalue()[:-30], DAMAGED),
        (
            zip_of({"../a": b"x"}).getvalue(),
            "The zip file cannot be taken: the file '../a' has a name that is not a "
            "plain path.",
        ),
    ],
    ids=["no zip", "cut", "a name that leaves the folder"],
)
def test_what_is_no_package_is_said_instead_of_a_comparison(admin_client, content, problem):
    source = sent(admin_client, upload("package.zip", content))

    response = admin_client.get(review(source))

    assert form_errors(response) == [problem]
    assert links(response)["Send something else"] == DEPLOY
    assertNotContains(response, "Check Only")
    assert admin_client.get(placeholders(source)).status_code == 404


def test_a_damaged_zip_does_not_fail_the_page(admin_client):
    content = bytearray(zip_of({f"Mine{SUFFIX}": handler_file()}).getvalue())
    content[60:90] = bytes(30)

    source = sent(admin_client, upload("package.zip", bytes(content)))

    assert "damaged" in words(admin_client.get(review(source)))
    assert deploy(admin_client, source).status == Status.FAILED


# --- The review ------------------------------------------------------------------------


def test_a_new_handler_is_told_element_by_element(admin_client, ready):
    source = sent(admin_client, xml=handler_file("Mine", "Till").decode())

    [(heading, lines)] = changes(admin_client.get(review(source))).items()

    assert heading == "Mine OauthTokenExchangeHandler Created"
    assert "masterLabel Mine" in lines
    assert "isJwtSupported true" in lines
    assert f"Till connectedApp, added {RUN_AS}" in lines
    assert not TokenExchangeHandler.objects.exists()


def test_a_change_is_told_field_by_field_and_app_by_app(admin_client, ready):
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


def test_what_is_the_same_is_called_unchanged(admin_client, ready):
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
GONE = """
    <types>
        <members>Mine</members>
        <members>NoneSuch</members>
        <name>OauthTokenExchangeHandler</name>
    </types>"""


def test_a_deletion_is_told_and_an_absent_one_too(admin_client, admin):
    TokenExchangeHandlerFactory(org=admin.org, label="Mine", modified_by=admin)
    package = zip_of(
        {
            "package.xml": MANIFEST.format(types=""),
            "destructiveChanges.xml": MANIFEST.format(types=GONE),
        }
    )

    source = sent(admin_client, upload("package.zip", package.getvalue()))
    response = admin_client.get(review(source))

    assert list(changes(response)) == [
        "Mine OauthTokenExchangeHandler Deleted",
        "NoneSuch OauthTokenExchangeHandler Unchanged",
    ]
    assert "named: NoneSuch" in words(response)
    assert deploy(admin_client, source).status == Status.SUCCEEDED
    assert not TokenExchangeHandler.objects.exists()


def test_a_file_that_cannot_be_read_is_told_with_its_place(admin_client):
    response = admin_client.get(review(sent(admin_client, xml=SEED)))

    assert list(changes(response)) == [
        "MyTokenExchangeHandler OauthTokenExchangeHandler Cannot be read"
    ]
    assert "(1:806)" in words(response)


def test_a_file_of_no_known_type_is_no_package(admin_client):
    response = admin_client.get(review(sent(admin_client, upload("notes.txt", b"x"))))

    assert list(changes(response)) == ["package.xml Package Cannot be read"]


def test_an_empty_package_has_nothing_to_deploy(admin_client):
    empty = zip_of({"package.xml": MANIFEST.format(types="")}).getvalue()

    response = admin_client.get(review(sent(admin_client, upload("package.zip", empty))))

    assert "There is nothing to deploy in it." in words(response)


def test_only_so_many_components_are_compared(admin_client, ready, monkeypatch):
    monkeypatch.setattr("tokenx.metadata.views.deploy.COMPARED", 2)
    source = sent(admin_client, a_zip(**{f"H{n}": handler_file(f"H{n}") for n in range(5)}))

    response = admin_client.get(review(source))

    assert len(changes(response)) == 2
    assertContains(response, "And 3 more components, which are not compared here.")


def test_what_a_file_says_is_text(admin_client, ready):
    hostile = "<script>alert(1)</script>"
    response = admin_client.get(
        review(
            sent(admin_client, xml=handler_file(label=hostile, apex_class="No<b>").decode())
        )
    )

    assert hostile in words(response)
    assert "No<b>" in words(response)
    assert not [s for s in read(response).all("script") if "alert" in s.text]


# --- Placeholders ----------------------------------------------------------------------


@pytest.fixture
def unready(admin_client):
    """A file that refers to what the org does not have."""
    return sent(admin_client, xml=handler_file("Mine", "Till", "Billing").decode())


def test_what_is_missing_is_listed_and_offered(admin_client, unready):
    response = admin_client.get(review(unready))

    assert "A deployment fails as long as these are missing" in words(response)
    for line in [f"Users: {RUN_AS}", "Connected apps: Till", "Apex classes: ShopTokens"]:
        assertContains(response, line)
    assert links(response)["Create Placeholders"] == placeholders(unready)


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_placeholders_are_ticked_by_hand(request, client_name, unready):
    response = request.getfixturevalue(client_name).get(placeholders(unready))

    boxes = [
        box.attributes
        for box in read(response).all("input", type="checkbox")
        if box.attributes.get("name") != "q"
    ]
    assert [box["value"] for box in boxes] == [RUN_AS, "Till", "Billing", "ShopTokens"]
    assert not [box for box in boxes if "checked" in box]


def test_what_was_ticked_is_made_and_nothing_else(admin_client, org, unready):
    ticked = {"users": [RUN_AS], "connected_apps": ["Till"]}
    response = admin_client.post(placeholders(unready), ticked, follow=True)

    assert response.redirect_chain[0][0] == review(unready)
    assert toasts(response) == [
        f"Created as placeholders: user {RUN_AS}, connected app Till."
    ]
    assert not User.objects.get(username=RUN_AS).has_usable_password()
    assert ClientApp.objects.exchangeable().get().api_name == "Till"
    assert not ApexClass.objects.exists()
    assertNotContains(response, f"Users: {RUN_AS}")
    assertContains(response, "Connected apps: Billing")


def test_with_all_placeholders_the_deployment_goes_through(admin_client, unready):
    assert deploy(admin_client, unready).status == Status.FAILED
    ticked = {
        "users": [RUN_AS],
        "connected_apps": ["Till", "Billing"],
        "apex_classes": ["ShopTokens"],
    }
    response = admin_client.post(placeholders(unready), ticked, follow=True)

    assertNotContains(response, "as long as these are missing")
    assert deploy(admin_client, unready).status == Status.SUCCEEDED
    assert Enablement.objects.count() == 2


@pytest.mark.parametrize(
    ("ticked", "error"),
    [
        ({}, "Tick what is to be made."),
        ({"users": ["x@x.example"]}, "x@x.example is not missing any more."),
        ({"external_apps": ["Other"]}, "Other is not missing any more."),
    ],
)
def test_what_cannot_be_made_is_said(admin_client, unready, ticked, error):
    response = admin_client.post(placeholders(unready), ticked)

    assert response.status_code == 422
    assert form_errors(response) == [error]
    assert not ClientApp.objects.exists()


def test_a_form_with_an_error_asks_for_nothing_that_is_not_missing(admin_client, unready):
    response = admin_client.post(placeholders(unready), {})

    legends = [each.text for each in read(response).all("legend")]
    assert legends == ["Users", "Connected apps", "Apex classes"]


def test_what_somebody_made_meanwhile_is_not_made_again(admin_client, org, unready):
    UserFactory(org=org, username=RUN_AS)

    response = admin_client.post(
        placeholders(unready), {"users": [RUN_AS], "apex_classes": []}
    )

    assert response.status_code == 422
    assert form_errors(response) == [f"{RUN_AS} is not missing any more."]


def test_a_name_that_is_none_is_refused_in_words(admin_client, org):
    source = sent(admin_client, xml=handler_file(apex_class="Not a name!").decode())

    response = admin_client.post(placeholders(source), {"apex_classes": ["Not a name!"]})

    assert response.status_code == 422
    assert all(
        each.startswith("Apex class Not a name!: ") for each in form_errors(response)
    )
    assert form_errors(response)
    assert not ApexClass.objects.exists()


def test_what_is_wrong_is_said_once_with_the_name_that_it_is_about(admin_client):
    wrong = handler_file("Mine", "Till").replace(RUN_AS.encode(), b"no address")
    source = sent(admin_client, xml=wrong.decode())

    response = admin_client.post(placeholders(source), {"users": ["no address"]})

    assert form_errors(response) == ["user no address: Enter a valid email address."]


def test_no_more_are_offered_than_a_person_ticks_and_the_others_are_counted(admin_client):
    apps = [f"App{number}" for number in range(1_205)]
    source = sent(admin_client, xml=handler_file("Mine", *apps).decode())

    for address in (review(source), placeholders(source)):
        response = admin_client.get(address)
        assertContains(response, "App199")
        assertContains(response, "And 1,005 more, offered when these are there.")


def test_nothing_is_offered_where_nothing_is_missing(admin_client, ready):
    source = sent(admin_client, xml=handler_file().decode())

    assertNotContains(admin_client.get(review(source)), "Create Placeholders")
    response = admin_client.get(placeholders(source))
    assertContains(response, "Nothing is missing any more.")
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


@pytest.mark.parametrize("do", ["", "check", "anything"])
def test_nothing_is_deployed_unless_it_is_said(admin_client, ready, do):
    assert deploy(
        admin_client, sent(admin_client, xml=handler_file().decode()), do=do
    ).check_only


def test_the_options_are_those_that_were_ticked(admin_client, ready):
    source = sent(admin_client, xml=handler_file().decode())

    admin_client.post(review(source), {"do": "check", "purge_on_delete": "on"})

    made = Deployment.objects.get()
    assert (made.rollback_on_error, made.ignore_warnings) == (False, False)
    assert made.purge_on_delete


def test_without_roll_back_the_others_are_kept(admin_client, ready):
    files = {"Good": handler_file("Good"), "Bad": handler_file("Bad", "NoneSuch")}
    source = sent(admin_client, a_zip(**files))

    kept = deploy(admin_client, source, rollback_on_error="")

    assert kept.status == Status.SUCCEEDED_PARTIAL
    assert TokenExchangeHandler.objects.get().developer_name == "Good"
    assertContains(admin_client.get(sending.address(kept)), "1 of 2 components, 1 failed.")


def test_pressing_deploy_twice_does_the_same_once(admin_client, ready):
    source = sent(admin_client, xml=handler_file("Mine", "Till").decode())

    first, second = deploy(admin_client, source), deploy(admin_client, source)

    assert [m.outcome for d in (first, second) for m in d.messages.all()] == [
        "Created",
        "Unchanged",
    ]
    assert Enablement.objects.count() == 1


def test_a_source_that_is_gone_is_said_to_be_gone(admin_client, ready):
    source = sent(admin_client, xml=handler_file().decode())
    SourceChunk.objects.all().delete()
    Source.objects.all().delete()

    for answer in [
        admin_client.get(review(source)),
        admin_client.post(review(source), {"do": "deploy"}),
    ]:
        assert answer.status_code == 404
        assertContains(answer, "What was sent is not kept any more.", status_code=404)


@pytest.mark.parametrize("number", [1, 20])
def test_the_review_takes_the_same_few_queries(
    admin_client, ready, number, django_assert_max_num_queries
):
    files = {f"H{n}": handler_file(f"H{n}", "Till") for n in range(number)}
    source = sent(admin_client, a_zip(**files))

    with django_assert_max_num_queries(14):
        admin_client.get(review(source))


def test_from_the_dialog_the_page_is_loaded_anew(htmx_client, unready):
    response = htmx_client.post(placeholders(unready), {"users": [RUN_AS]})

    assert response["HX-Redirect"] == review(unready)
