"""Handler classes that change records and read settings, as a whole."""

import pytest

from tests.factories import StoredComponentFactory, UserFieldFactory
from tokenx.org.models import User
from tokenx.org.record_ids import record_id

from .handler_calls import run_class

pytestmark = pytest.mark.django_db
LABELS = (
    "<CustomLabels><labels><fullName>Hello</fullName><value>Hi</value></labels>"
    "</CustomLabels>"
)
METADATA = (
    '<CustomMetadata xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<label>Okta</label><values><field>Url__c</field>"
    '<value xsi:type="xsd:string">https://okta.example</value></values></CustomMetadata>'
)


def data_of(found):
    assert found.refusal == ""
    return found.validation.data


def returns(expression, before=""):
    return (
        f"{before} return new Auth.TokenValidationResult(true, {expression}, null, token,"
        " tokenType, null);"
    )


def test_mixed_changes(admin):
    update = "update new User(Id = UserInfo.getUserId(), Username = 'new@x.example');"
    before = (
        "String text; insert new Contact(LastName = 'Bot');"
        f"try {{ {update} }} catch (DmlException e) {{ text = e.getMessage(); }}"
    )
    assert data_of(run_class(admin, returns("text", before))) == (
        "Update failed. First exception on row 0 with id "
        f"{record_id('005', admin.pk)}; first error: MIXED_DML_OPERATION, DML operation "
        "on setup object is not permitted after you have updated a non-setup object (or "
        "vice versa): User, original object: Contact: []"
    )


def test_savepoints(admin):
    before = (
        "Savepoint point = Database.setSavepoint();"
        "update new User(Id = UserInfo.getUserId(), FirstName = 'Eve');"
        "Database.rollback(point);"
        "User me = [SELECT FirstName FROM User WHERE Id = :UserInfo.getUserId()];"
    )
    assert data_of(run_class(admin, returns("me.FirstName", before))) == "Ada"


def test_custom_fields_are_saved(admin):
    UserFieldFactory(org=admin.org, name="User.Azure_Id__c")
    before = "update new User(Id = UserInfo.getUserId(), Azure_Id__c = token);"
    assert run_class(admin, returns("null", before), commit=True).is_successful
    assert User.objects.get(pk=admin.pk).custom_values == {"Azure_Id__c": "a token"}


def test_labels_and_custom_metadata(admin):
    StoredComponentFactory(
        org=admin.org, type="CustomLabels", name="CustomLabels", file=LABELS
    )
    StoredComponentFactory(
        org=admin.org, type="CustomMetadata", name="Issuer.Okta", file=METADATA
    )
    assert data_of(run_class(admin, returns("System.Label.Hello"))) == "Hi"
    query = "[SELECT Url__c FROM Issuer__mdt WHERE DeveloperName = 'okta'].Url__c"
    assert data_of(run_class(admin, returns(query))) == "https://okta.example"
    instance = "Issuer__mdt.getInstance('Okta').Url__c"
    assert data_of(run_class(admin, returns(instance))) == "https://okta.example"


def test_account_and_contact_have_no_rows(admin):
    before = "List<Contact> found = [SELECT Id, Own__c FROM Contact WHERE Email = :token];"
    assert data_of(run_class(admin, returns("found.size()", before))) == "0"
