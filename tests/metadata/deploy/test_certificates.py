"""Certificate files: deploy, retrieve, deploy again, delete, and refusals."""

from dataclasses import replace

from tests.certificates import EXPIRED, SHORT_KEY, VALID
from tests.factories import CertificateFactory, OrgFactory
from tokenx.metadata.format.definitions import CertificateDefinition
from tokenx.metadata.models import Status
from tokenx.org.models import AuditEntry, Certificate
from tokenx.org.x509 import TOO_LARGE, WRONG_KEY
from tokenx.setup.actions.certificates import create_certificate

from .deploying import deletions, deploy, outcomes, package, problems, retrieved

OKTA = CertificateDefinition(is_ca_signed=False, label="Okta keys", body=VALID)
CRT, META = "certs/Okta.crt", "certs/Okta.crt-meta.xml"


def test_adds_a_certificate_without_a_key(admin):
    deployment = deploy(admin, [("Okta", OKTA)])

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert outcomes(deployment) == {"Okta": "Created"}
    certificate = Certificate.objects.get()
    assert (certificate.org, certificate.label) == (admin.org, "Okta keys")
    assert (certificate.pem, certificate.has_private_key) == (VALID, False)
    assert AuditEntry.objects.get().display == "Created certificate Okta keys"


def test_an_empty_file_generates_a_certificate(admin):
    wanted = replace(OKTA, body="", key_size="3072", is_key_exportable=False)

    deployment = deploy(admin, [("Okta", wanted)])

    assert outcomes(deployment) == {"Okta": "Created"}
    certificate = Certificate.objects.get()
    assert (certificate.has_private_key, certificate.key_size) == (True, 3072)
    assert not certificate.is_key_exportable
    again = deploy(admin, [("Okta", wanted)])
    assert outcomes(again) == {"Okta": "Unchanged"}


def test_what_was_retrieved_deploys_without_a_difference(admin):
    create_certificate(name="Okta", label="Okta", by=admin)
    before = Certificate.objects.get()

    files = retrieved(admin.org, {"Certificate": ["Okta"]})
    deployment = deploy(admin, {**package(), **files})

    assert list(files) == [CRT, META]
    assert outcomes(deployment) == {"Okta": "Unchanged"}
    after = Certificate.objects.get()
    assert (after.sealed_key, after.modified_at) == (before.sealed_key, before.modified_at)


def test_no_file_contains_the_key(admin):
    create_certificate(name="Okta", label="Okta", by=admin)

    files = retrieved(admin.org)

    sealed = Certificate.objects.get().sealed_key.encode()
    for data in files.values():
        assert b"PRIVATE" not in data
        assert sealed not in data


def test_another_certificate_replaces_the_one_with_a_key(admin):
    create_certificate(name="Okta", label="Okta keys", by=admin)

    deployment = deploy(admin, [("okta", replace(OKTA, body=EXPIRED))])

    assert outcomes(deployment) == {"okta": "Changed"}
    certificate = Certificate.objects.get()
    assert (certificate.pem, certificate.has_private_key) == (EXPIRED, False)


def test_line_endings_and_comments_are_no_difference(admin):
    deploy(admin, [("Okta", OKTA)])
    files = package(("Okta", OKTA))
    files[CRT] = b"# Okta\r\n" + files[CRT].replace(b"\n", b"\r\n")

    assert outcomes(deploy(admin, files)) == {"Okta": "Unchanged"}


def test_deletes_a_certificate(admin):
    CertificateFactory(org=admin.org, name="Okta")
    elsewhere = CertificateFactory(org=OrgFactory(), name="Okta")

    deployment = deploy(admin, deletions(Certificate=["okta"]))

    assert outcomes(deployment) == {"okta": "Deleted"}
    assert Certificate.objects.get() == elsewhere


def test_refuses_in_the_words_of_the_page(admin, subtests):
    for content, message in [
        (SHORT_KEY.encode(), WRONG_KEY),
        (b"#" * 100_000, TOO_LARGE),
    ]:
        files = package(("Okta", OKTA)) | {CRT: content}
        with subtests.test(message):
            assert problems(deploy(admin, files)) == [f"{CRT} {message}"]
    long = replace(OKTA, body="", key_size="1024")
    [problem] = problems(deploy(admin, [("Okta", long)]))
    assert problem.endswith("In field: keySize - Select a key size of 2048, 3072, or 4096.")
    assert not Certificate.objects.exists()


def test_needs_both_files(admin):
    files = package(("Okta", OKTA))
    del files[META]

    [problem] = problems(deploy(admin, files))

    assert "An object 'Okta' of type Certificate needs the file" in problem
