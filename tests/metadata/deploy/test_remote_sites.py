"""RemoteSiteSetting files: deploy, retrieve, deploy again, delete, and refusals."""

from dataclasses import replace

from tests.factories import OrgFactory, RemoteSiteFactory
from tokenx.metadata.format.definitions import RemoteSiteDefinition
from tokenx.metadata.models import Status
from tokenx.org.models import AuditEntry, RemoteSite

from .deploying import (
    deletions,
    deploy,
    location_in,
    outcomes,
    package,
    problems,
    retrieved,
)

OKTA = RemoteSiteDefinition(
    url="https://mycompany.okta.com",
    is_active=True,
    disables_protocol_security=False,
    description="Keys",
)
FILE = "remoteSiteSettings/Okta_Keys.remoteSite"


def test_creates_a_remote_site(admin):
    deployment = deploy(admin, [("Okta_Keys", OKTA)])

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert outcomes(deployment) == {"Okta_Keys": "Created"}
    site = RemoteSite.objects.get()
    assert (site.org, site.name, site.url) == (admin.org, "Okta_Keys", OKTA.url)
    assert (site.is_active, site.description) == (True, "Keys")
    [entry] = AuditEntry.objects.all()
    assert entry.display == f"Remote Proxy insert Okta_Keys: {OKTA.url}"


def test_what_was_retrieved_deploys_without_a_difference(admin, subtests):
    bare = replace(OKTA, description=None, disables_protocol_security=True, is_active=False)
    for name, definition in [("Okta_Keys", OKTA), ("Bare", bare)]:
        with subtests.test(name):
            deploy(admin, [(name, definition)])
            before = RemoteSite.objects.get(name=name)

            files = retrieved(admin.org, {"RemoteSiteSetting": [name]})
            deployment = deploy(admin, {**package(), **files})

            assert outcomes(deployment) == {name: "Unchanged"}
            assert RemoteSite.objects.get(name=name).modified_at == before.modified_at
    assert AuditEntry.objects.count() == 2


def test_an_empty_description_is_no_difference(admin):
    deploy(admin, [("Okta_Keys", replace(OKTA, description=None))])

    deployment = deploy(admin, [("Okta_Keys", replace(OKTA, description=""))])

    assert outcomes(deployment) == {"Okta_Keys": "Unchanged"}


def test_changes_a_remote_site_and_keeps_its_name(admin):
    site = RemoteSiteFactory(org=admin.org, name="Okta_Keys", is_active=False)
    RemoteSiteFactory(org=OrgFactory(), name="Okta_Keys", url="https://theirs.example")

    deployment = deploy(admin, [("okta_keys", OKTA)])

    assert outcomes(deployment) == {"okta_keys": "Changed"}
    site.refresh_from_db()
    assert (site.name, site.url, site.is_active) == ("Okta_Keys", OKTA.url, True)
    assert RemoteSite.objects.filter(url="https://theirs.example").exists()


def test_deletes_a_remote_site(admin):
    RemoteSiteFactory(org=admin.org, name="Okta_Keys")

    deployment = deploy(admin, deletions(RemoteSiteSetting=["okta_keys"]))

    assert outcomes(deployment) == {"okta_keys": "Deleted"}
    assert not RemoteSite.objects.exists()


def test_warns_about_a_deletion_of_nothing(admin):
    deployment = deploy(admin, deletions(RemoteSiteSetting=["Gone"]))

    [problem] = problems(deployment)
    assert problem.endswith("No RemoteSiteSetting named: Gone found")


def test_refuses_in_the_words_of_the_page(admin):
    bad = replace(OKTA, url="https://a.example:99")
    files = package(("Okta_Keys", bad), ("2nd", OKTA))

    found = problems(deploy(admin, files))

    location = location_in(files, FILE, "url")
    assert found == [
        "remoteSiteSettings/2nd.remoteSite:2:1 Start an API name with a letter.",
        f"{location} In field: url - Use port 80 with http://, port 443 with https://, "
        "or a port from 1024 to 65535.",
    ]
    assert not RemoteSite.objects.exists()


def test_an_invalid_remote_site_rolls_back_the_deployment(admin):
    deployment = deploy(admin, [("Good", OKTA), ("Bad", replace(OKTA, url="ftp://x"))])

    assert deployment.status == Status.FAILED
    assert not RemoteSite.objects.exists()


def test_retrieves_only_the_orgs_own(admin):
    RemoteSiteFactory(org=admin.org, name="Ours")
    RemoteSiteFactory(org=OrgFactory(), name="Theirs")

    files = retrieved(admin.org, {"RemoteSiteSetting": ["*", "Theirs"]})

    assert list(files) == ["remoteSiteSettings/Ours.remoteSite"]
