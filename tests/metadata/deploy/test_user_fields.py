"""Custom fields on User in files: the object's file, and files of their own."""

from dataclasses import replace

from tests.factories import OrgFactory, UserFactory, UserFieldFactory
from tokenx.metadata.format.definitions import UnknownElement
from tokenx.metadata.format.object_definitions import (
    CustomFieldDefinition,
    CustomObjectDefinition,
)
from tokenx.metadata.format.writer import write
from tokenx.metadata.mapping.objects import NOT_KEPT, OTHER_OBJECT
from tokenx.metadata.models import Status
from tokenx.metadata.retrieve.retrieve import retrieve
from tokenx.org.models import AuditEntry, UserField

from .deploying import deletions, deploy, manifest, outcomes, package, problems, retrieved

AZURE = CustomFieldDefinition(
    full_name="Azure_Id__c", label="Azure Id", length="80", field_type="Text"
)
CHECKBOX = CustomFieldDefinition(
    full_name="Is_Guest__c", label="Guest", field_type="Checkbox"
)
OBJECT_FILE = "objects/User.object"
FIELD_FILE = "objects/User/fields/Azure_Id__c.field-meta.xml"


def user_object(*fields, **values):
    return ("User", CustomObjectDefinition(fields=fields, **values))


def field_names(org):
    return list(UserField.objects.filter(org=org).values_list("name", flat=True))


def test_an_objects_file_creates_its_text_fields(admin):
    deployment = deploy(admin, [user_object(AZURE)])

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert outcomes(deployment) == {"User": "Unchanged", "User.Azure_Id__c": "Created"}
    field = UserField.objects.get()
    assert (field.org, field.name, field.length) == (admin.org, "User.Azure_Id__c", 80)
    entry = AuditEntry.objects.get()
    assert entry.display == "Created Azure Id custom field (Text) on User"


def test_a_manifest_can_list_the_field_instead_of_the_object(admin):
    files = package(user_object(AZURE)) | {
        "package.xml": manifest(CustomField=["User.Azure_Id__c"])
    }

    deployment = deploy(admin, files)

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert field_names(admin.org) == ["User.Azure_Id__c"]


def test_a_field_in_source_format_has_its_own_file(admin):
    files = {FIELD_FILE: "".join(write(AZURE)).encode()}

    deployment = deploy(admin, files)

    assert outcomes(deployment) == {"User.Azure_Id__c": "Created"}


def test_what_was_retrieved_deploys_without_a_difference(admin, subtests):
    unknown = (UnknownElement("externalId", "true"), UnknownElement("unique", "false"))
    deploy(admin, [user_object(replace(AZURE, unknown_elements=unknown))])
    UserFieldFactory(org=admin.org, name="User.Badge__c", description="On the badge")
    before = list(UserField.objects.values_list("modified_at", flat=True))

    for members in [{"CustomObject": ["User"]}, {"CustomField": ["*"]}]:
        with subtests.test(members):
            files = retrieved(admin.org, members)
            assert list(files) == [OBJECT_FILE]
            assert b"<externalId>true</externalId>" in files[OBJECT_FILE]

            deployment = deploy(admin, {**package(), **files})

            assert outcomes(deployment) == {
                "User": "Unchanged",
                "User.Azure_Id__c": "Unchanged",
                "User.Badge__c": "Unchanged",
            }
    assert list(UserField.objects.values_list("modified_at", flat=True)) == before


def test_source_format_has_a_file_for_each_field(admin):
    deploy(admin, [user_object(AZURE)])

    found = retrieve(admin.org, {"CustomObject": ["User"]}, source_format=True)

    [(name, pieces)] = found.files()
    assert name == f"force-app/main/default/{FIELD_FILE}"
    files = {FIELD_FILE: "".join(map(str, pieces)).encode()}
    assert outcomes(deploy(admin, files)) == {"User.Azure_Id__c": "Unchanged"}


def test_retrieves_only_the_requested_fields_of_the_org(admin):
    for org in [admin.org, OrgFactory()]:
        UserFieldFactory(org=org, name="User.Azure_Id__c")
        UserFieldFactory(org=org, name="User.Badge__c")

    files = retrieved(admin.org, {"CustomField": ["user.badge__c"]})

    assert files[OBJECT_FILE].count(b"<fields>") == 1
    assert b"Badge__c" in files[OBJECT_FILE]


def test_other_fields_and_settings_give_one_warning(admin):
    sharing = (UnknownElement("sharingModel", "Private"),)
    standard = CustomFieldDefinition(full_name="Phone")
    file = user_object(AZURE, CHECKBOX, standard, unknown_elements=sharing)

    deployment = deploy(admin, [file])

    # Salesforce would accept the file without a warning.
    assert deployment.status == Status.SUCCEEDED
    [message] = deployment.messages.filter(is_warning=True)
    assert (message.full_name, message.problem) == ("User", NOT_KEPT)
    assert message.is_from_tokenx
    assert field_names(admin.org) == ["User.Azure_Id__c"]


def test_a_field_of_another_kind_gives_the_warning(admin):
    name = "objects/User/fields/Is_Guest__c.field-meta.xml"

    deployment = deploy(admin, {name: "".join(write(CHECKBOX)).encode()})

    assert deployment.status == Status.SUCCEEDED
    assert [problem.endswith(NOT_KEPT) for problem in problems(deployment)] == [True]
    assert field_names(admin.org) == []


def test_refuses_other_objects(admin):
    deployment = deploy(admin, [("Account", CustomObjectDefinition(fields=(AZURE,)))])

    assert problems(deployment) == [f"objects/Account.object {OTHER_OBJECT}"]
    assert field_names(admin.org) == []


def test_refuses_in_the_words_of_the_page(admin, subtests):
    for change, words in [
        ({"label": None}, "In field: label - Enter a field label."),
        ({"length": "256"}, "In field: length - Enter a length from 1 to 255."),
        ({"length": "many"}, "In field: length - Enter a length from 1 to 255."),
        ({"full_name": "2nd__c"}, "Start an API name with a letter."),
    ]:
        with subtests.test(words):
            [problem] = problems(deploy(admin, [user_object(replace(AZURE, **change))]))
            assert problem.endswith(words)
            assert problem.startswith(f"{OBJECT_FILE}:")


def test_deletes_a_field_with_its_values(admin):
    deploy(admin, [user_object(AZURE)])
    user = UserFactory(org=admin.org, custom_values={"Azure_Id__c": "1"})

    deployment = deploy(admin, deletions(CustomField=["User.Azure_Id__c"]))

    assert outcomes(deployment) == {"User.Azure_Id__c": "Deleted"}
    user.refresh_from_db()
    assert user.custom_values == {}
