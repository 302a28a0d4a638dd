"""Record pages: highlights, breadcrumbs with groups, stamps, and Help for this Page."""

import pytest
from django.urls import reverse

from tests.factories import (
    ApexClassFactory,
    CertificateFactory,
    ClientAppFactory,
    DebugLevelFactory,
    IssuerFactory,
    PermissionSetFactory,
    RemoteSiteFactory,
    StoredComponentFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
    UserFieldFactory,
)
from tests.read import links, read, record
from tokenx.setup.actions.permission_sets import create_permission_set
from tokenx.setup.help_topics import topics
from tokenx.web.navigation import all_nodes

# Setup Home, and the pages that only tokenx has. They say on the page what they're for.
OWN_PAGES = {
    "SetupOneHome",
    "ApiAccess",
    "Classes",
    "Demos",
    "Exercises",
    "Health",
    "Help",
    "StrictMode",
    "Training",
}
RECORDS = [
    (ApexClassFactory, "Platform Tools Custom Code Apex Classes"),
    (CertificateFactory, "Settings Security Certificate and Key Management"),
    (ClientAppFactory, "Platform Tools Apps App Manager"),
    (DebugLevelFactory, "Platform Tools Environments Logs Debug Logs"),
    (IssuerFactory, "Settings Security Simulated Issuers"),
    (PermissionSetFactory, "Administration Users Permission Sets"),
    (RemoteSiteFactory, "Settings Security Remote Site Settings"),
    (StoredComponentFactory, "Settings Security Named Credentials"),
    (TokenExchangeHandlerFactory, "Settings Identity Token Exchange Handlers"),
    (UserFactory, "Administration Users Users"),
    (UserFieldFactory, "Platform Tools Objects and Fields Object Manager"),
]


def test_a_record_has_highlights_a_breadcrumb_and_stamps(viewer_client, org, subtests):
    for factory, place in RECORDS:
        with subtests.test(factory=factory.__name__):
            page = viewer_client.get(factory(org=org).get_absolute_url())

            breadcrumbs = read(page).one("nav", aria_label="Breadcrumbs")
            assert " ".join(breadcrumbs.text.split()).startswith(place)
            assert read(page).one("dl", class_="slds-page-header__detail-row").text
            assert {"Created By", "Last Modified By"} <= set(record(page))
            help_link = links(page)["Help for this Page"]
            assert help_link.removeprefix("/help/#") in {t.node.slug for t in topics()}


def test_every_page_of_salesforces_setup_has_its_section_in_help():
    slugs = {topic.node.slug for topic in topics()}

    assert {node.slug for node in all_nodes() if node.view} - OWN_PAGES == slugs


def test_a_record_names_the_user_who_created_and_changed_it(admin_client, admin, org):
    created = create_permission_set(
        label="Exchange Users", name="Exchange_Users", description="", by=admin
    )

    stamps = record(admin_client.get(created.get_absolute_url()))

    for label in ["Created By", "Last Modified By"]:
        assert stamps[label].startswith(f"{admin.name}, ")


@pytest.mark.parametrize("action", ["Edit", "Delete"])
def test_only_administrators_see_a_records_actions(
    admin_client, viewer_client, org, action
):
    url = RemoteSiteFactory(org=org).get_absolute_url()

    assert action in links(admin_client.get(url))
    assert action not in links(viewer_client.get(url))


def test_the_help_page_links_to_each_page(viewer_client):
    found = links(viewer_client.get(reverse("setup:help")))

    assert found["Token Exchange Handlers"] == reverse("handlers:list")
