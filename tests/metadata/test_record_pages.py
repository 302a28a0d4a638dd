"""Links to Salesforce's Setup, as clients print them, lead to the pages of the same."""

from urllib.parse import quote

import pytest
from pytest_django.asserts import assertRedirects

from tests.factories import ApexClassFactory
from tests.metadata.deploying import handler as handler_file
from tests.metadata.deploying import package, queued
from tokenx.org.record_ids import APEX_CLASS, HANDLER, record_id

CLASSES = "/lightning/setup/ApexClasses/page"
# As the Salesforce CLI writes the address of a deployment.
DETAILS = "/changemgmt/monitorDeploymentsDetails.apexp?asyncId={}&retURL=%2Fchangemgmt"


def test_the_link_to_a_deployment_leads_there(viewer_client, admin):
    made = queued(admin, package(handler_file()))
    address = DETAILS.format(made.record_id)

    response = viewer_client.get("/lightning/setup/DeployStatus/page", {"address": address})

    assertRedirects(response, f"/deployments/{made.pk}/")


def test_the_link_outlasts_the_sign_in(client, org):
    link = f"/lightning/setup/DeployStatus/page?address={quote(DETAILS, safe='')}"

    response = client.get(link)

    assert response["Location"] == f"/sign-in/?next={quote(link)}"


@pytest.mark.parametrize("length", [15, 18])
def test_the_link_to_a_class_leads_there(viewer_client, org, length):
    made = ApexClassFactory(org=org, name="MyClass")
    address = "/" + record_id(APEX_CLASS, made.pk)[:length]

    response = viewer_client.get(CLASSES, {"address": address})

    assertRedirects(response, "/apex-classes/MyClass/")


def test_the_link_to_a_handler_leads_there(viewer_client, handler):
    slug, address = "OauthTokenExchangeHandlers", "/" + record_id(HANDLER, handler.pk)

    response = viewer_client.get(f"/lightning/setup/{slug}/page", {"address": address})

    assertRedirects(response, "/handlers/My_Handler/")


@pytest.mark.parametrize("address", ["", "/", "/01p000000000009", "https://evil.example"])
def test_a_link_to_nothing_leads_to_the_page_in_setup(viewer_client, address):
    response = viewer_client.get(CLASSES, {"address": address})

    assertRedirects(response, "/apex-classes/")


def test_a_link_to_the_class_of_another_org_leads_to_the_list(viewer_client):
    address = "/" + record_id(APEX_CLASS, ApexClassFactory(name="Theirs").pk)

    response = viewer_client.get(CLASSES, {"address": address})

    assertRedirects(response, "/apex-classes/")


def test_setup_has_no_such_page(viewer_client):
    assert viewer_client.get("/lightning/setup/Nonsense/page").status_code == 404
