"""Create Token Exchange Handler: refusals at the fields, with no input lost."""

from itertools import product

import pytest
from django.core.exceptions import ValidationError
from pytest_django.asserts import assertNotContains

from tests.factories import ApexClassFactory, OrgFactory, TokenExchangeHandlerFactory
from tests.form import field_errors, form_of
from tests.read import errors, names, record
from tests.rollback import rolled_back
from tokenx.handlers import actions
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import ApexClass, AuditEntry

URL = "/create-handler/"
DEFINED = {
    "label": "Billing Sync",
    "developer_name": "Own",
    "description": "Checks tokens.",
    "token_types": ["supports_jwt"],
    "allows_user_creation": "on",
    "makes_template": "on",
}
HOSTILE = "<b>bold</b> 🙂👩‍👩‍👧 \u202eשלום"
NO_CLASS = "Select an Apex class, or create a template."
NUL = "Null characters are not allowed."
LETTERS = "Use only the letters A to Z, digits, and underscores in an API name."
BAD = [
    ("label", "", "Enter a name."),
    ("label", " \n ", "Enter a name."),
    ("label", "a" * 81, "at most 80 characters (it has 81)"),
    ("label", "a\0b", NUL),
    ("description", "a" * 256, "at most 255 characters (it has 256)"),
    ("description", "a\0b", NUL),
    ("developer_name", "a" * 81, "at most 80 characters (it has 81)"),
    ("developer_name", "a\0b", NUL),
    ("developer_name", "1st", "Start an API name with a letter."),
    ("developer_name", "_a", "Start an API name with a letter."),
    ("developer_name", "a__b", "An API name can't contain two consecutive underscores."),
    ("developer_name", "a_", "An API name can't end with an underscore."),
    *(("developer_name", name, LETTERS) for name in ["a b", "a-b", "é", "a/b", HOSTILE]),
    ("developer_name", "Taken", "Old Handler already has this API name."),
    ("developer_name", "tAKEN", "Old Handler already has this API name."),
    ("token_types", [], "Select at least one token type."),
    ("token_types", ["supports_jwt", "supports_magic"], "supports_magic is not one of"),
    ("token_types", ["is_enabled"], "is_enabled is not one of"),
    ("token_types", [HOSTILE], "is not one of the available choices"),
    ("token_types", ["a\0b"], "is not one of the available choices"),
]


def test_refuses_an_invalid_value_at_its_field(admin, clients, subtests):
    old = TokenExchangeHandlerFactory(
        org=admin.org, label="Old Handler", developer_name="Taken"
    )

    for (client_name, client), (field, value, message) in product(clients.items(), BAD):
        with subtests.test(client=client_name, field=field, value=value):
            form = DEFINED | {field: value}

            response = client.post(URL, form)

            assert response.status_code == 422
            [error] = field_errors(response, field)
            assert message in error
            assert response.context["form"].errors.keys() == {field}
            assert TokenExchangeHandler.objects.get() == old
            assert ApexClass.objects.get() == old.apex_class
            assert not AuditEntry.objects.exists()
            assertNotContains(response, "<b>bold", status_code=422)
            values = form_of(response)
            assert {name: values[name] for name in DEFINED.keys() - {field}} == {
                name: sent for name, sent in DEFINED.items() if name != field
            }
            if isinstance(value, str):
                assert values[field] == value


def test_accepts_any_text_as_a_name(admin_client, org, subtests):
    for label in [HOSTILE, "日本語ポータル", "{{ 7 }}{% now 'Y' %}"]:
        with subtests.test(label=label), rolled_back():
            form = DEFINED | {"label": label, "description": label}

            assert admin_client.post(URL, form).status_code == 302

            assert TokenExchangeHandler.objects.get().description == label
            assert names(admin_client.get("/handlers/")) == [label]
            assert record(admin_client.get("/handlers/Own/"))["Name"] == label


def test_names_all_missing_fields_together(admin_client):
    response = admin_client.post(URL, {})

    assert response.status_code == 422
    assert field_errors(response, "label") == ["Enter a name."]
    assert field_errors(response, "token_types") == ["Select at least one token type."]
    assert errors(response, "apex_class") == NO_CLASS


NOT_A_KEY = ["0", "-1", "9" * 19, "9" * 5_000, "1.5", "x", "\0", "x" * 10_000, "🙂"]


def test_refuses_an_invalid_class_at_its_field(admin_client, subtests):
    for template, value in product([{}, {"makes_template": "on"}], NOT_A_KEY):
        with subtests.test(template=template, value=value):
            form = DEFINED | {"makes_template": ""} | {"apex_class": value} | template

            response = admin_client.post(URL, form)

            assert response.status_code == 422
            message = "Your choice was deleted. Select an Apex class, or create a template."
            assert errors(response, "apex_class") == (NUL if value == "\0" else message)
            assert not TokenExchangeHandler.objects.exists()


def test_refuses_a_class_together_with_a_template(admin_client, admin):
    apex_class = ApexClassFactory(org=admin.org)

    response = admin_client.post(URL, DEFINED | {"apex_class": apex_class.pk})

    assert response.status_code == 422
    message = "Select an Apex class or create a template, not both."
    assert field_errors(response, "makes_template") == [message]
    assert not TokenExchangeHandler.objects.exists()
    assert ApexClass.objects.count() == 1


def untemplated(apex_class, **fields):
    form = DEFINED | {"apex_class": apex_class.pk, **fields}
    del form["makes_template"]
    return form


def test_another_orgs_class_cannot_be_selected(admin_client, org):
    theirs = ApexClassFactory(org=OrgFactory(), name="Theirs")

    response = admin_client.post(URL, untemplated(theirs))

    assert response.status_code == 422
    assert errors(response, "apex_class").startswith("Your choice was deleted.")
    assertNotContains(response, "Theirs", status_code=422)


def test_refuses_a_class_that_was_deleted_concurrently(admin_client, org):
    form = untemplated(ApexClassFactory(org=org), apex_class_text="Checker")
    ApexClass.objects.all().delete()

    response = admin_client.post(URL, form)

    assert errors(response, "apex_class").startswith("Your choice was deleted.")
    assert form_of(response)["apex_class_text"] == "Checker"


def test_refuses_a_class_that_does_not_extend_the_base_class(admin_client, org):
    bare = ApexClassFactory(org=org, name="Bare", body="class Bare { }")

    response = admin_client.post(URL, untemplated(bare))

    assert response.status_code == 422
    assert errors(response, "apex_class") == (
        "Bare doesn't extend Auth.Oauth2TokenExchangeHandler, directly or through base "
        "classes in the org."
    )
    assert form_of(response)["apex_class_text"] == "Bare"
    assert not TokenExchangeHandler.objects.exists()


def test_the_lookup_accepts_any_text(org, clients, subtests):
    texts = ["\0", "x" * 60_000, "'\"><script>", "🙂", "*" * 300]
    for (client_name, client), text in product(clients.items(), texts):
        with subtests.test(client=client_name, text=text), rolled_back():
            form = untemplated(ApexClassFactory(org=org), apex_class_text=text)

            refused = client.post(URL, form | {"apex_class": ""})
            assert refused.status_code == 422
            assert errors(refused, "apex_class") == NO_CLASS
            assert client.post(URL, form | {"find": "apex_class"}).status_code == 200
            assert client.post(URL, form).status_code in {200, 302}
            assert TokenExchangeHandler.objects.exists()


def test_the_action_refuses_files_and_calls_too(admin, subtests):
    TokenExchangeHandlerFactory(org=admin.org, label="Old Handler", developer_name="Taken")

    for field, value, message in [
        ("label", "", "This field cannot be blank."),
        (
            "developer_name",
            "a__b",
            "An API name can't contain two consecutive underscores.",
        ),
        ("developer_name", "", "This field cannot be blank."),
        ("developer_name", "tAKEN", "Old Handler already has this API name."),
        ("token_types", [], "Select at least one token type."),
    ]:
        with subtests.test(field=field, value=value):
            definition = {
                "label": "New",
                "developer_name": "New",
                "description": "",
                "token_types": ["supports_jwt"],
                "allows_user_creation": False,
                "apex_class": None,
                field: value,
            }

            with pytest.raises(ValidationError) as raised:
                actions.create_handler(definition=definition, is_enabled=True, by=admin)

            assert raised.value.message_dict == {field: [message]}
            assert TokenExchangeHandler.objects.count() == 1
            assert ApexClass.objects.count() == 1
