"""Links to Salesforce's Setup, as clients print them, open the replica's pages."""

from urllib.parse import quote

from pytest_django.asserts import assertRedirects

from tests.factories import ApexClassFactory
from tokenx.org.record_ids import APEX_CLASS, HANDLER, record_id

from .deploy.deploying import handler as handler_file
from .deploy.deploying import package, queued

CLASSES = "/lightning/setup/ApexClasses/page"
# The Salesforce CLI's URL of a deployment.
DETAILS = "/changemgmt/monitorDeploymentsDetails.apexp?asyncId={}&retURL=%2Fchangemgmt"


def test_a_link_to_a_deployment_opens_its_page(viewer_client, admin):
    deployment = queued(admin, package(handler_file()))
    address = DETAILS.format(deployment.record_id)

    response = viewer_client.get("/lightning/setup/DeployStatus/page", {"address": address})

    assertRedirects(response, f"/deployments/{deployment.pk}/")


def test_a_link_works_after_signing_in(client, org):
    link = f"/lightning/setup/DeployStatus/page?address={quote(DETAILS, safe='')}"

    response = client.get(link)

    assert response["Location"] == f"/sign-in/?next={quote(link)}"


def test_a_link_to_a_class_opens_its_page(viewer_client, org, subtests):
    apex_class = ApexClassFactory(org=org, name="MyClass")

    for length in [15, 18]:
        with subtests.test(length=length):
            address = "/" + record_id(APEX_CLASS, apex_class.pk)[:length]

            response = viewer_client.get(CLASSES, {"address": address})

            assertRedirects(response, "/apex-classes/MyClass/")


def test_a_link_to_a_handler_opens_its_page(viewer_client, handler):
    slug, address = "OauthTokenExchangeHandlers", "/" + record_id(HANDLER, handler.pk)

    response = viewer_client.get(f"/lightning/setup/{slug}/page", {"address": address})

    assertRedirects(response, "/handlers/My_Handler/")


def test_a_link_without_a_record_opens_the_list(viewer_client, subtests):
    for address in ["", "/", "/01p000000000009", "https://evil.example"]:
        with subtests.test(address=address):
            response = viewer_client.get(CLASSES, {"address": address})

            assertRedirects(response, "/apex-classes/")


def test_a_link_to_another_orgs_class_opens_the_list(viewer_client):
    address = "/" + record_id(APEX_CLASS, ApexClassFactory(name="Theirs").pk)

    response = viewer_client.get(CLASSES, {"address": address})

    assertRedirects(response, "/apex-classes/")


def test_a_link_to_an_unknown_page_is_not_found(viewer_client):
    assert viewer_client.get("/lightning/setup/Nonsense/page").status_code == 404
