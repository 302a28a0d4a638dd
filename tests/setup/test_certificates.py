"""Certificate and Key Management: generate, upload, edit, and delete certificates."""

from contextlib import suppress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.certificates import CA_SIGNED, ELLIPTIC, EXPIRED, FUTURE, SHORT_KEY, VALID
from tests.factories import CertificateFactory, OrgFactory
from tests.form import field_errors, form_errors, form_of
from tests.read import headings, links, names, record, rows, toasts
from tokenx.org.models import AuditEntry, Certificate
from tokenx.org.sealing import SealError, seal, unseal
from tokenx.org.x509 import (
    HAS_PRIVATE_KEY,
    MAX_CERTIFICATE_SIZE,
    NOT_A_CERTIFICATE,
    TOO_LARGE,
    WRONG_KEY,
    read_certificate,
)
from tokenx.setup.actions import certificates as actions

LIST, NEW, UPLOAD = "/certificates/", "/new-certificate/", "/upload-certificate/"
SECTION = "Certificate and Key Management"
DER = x509.load_pem_x509_certificate(VALID.encode()).public_bytes(Encoding.DER)
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"


def url_of(name, verb="certificate"):
    return reverse(f"setup:{verb}", args=[name])


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


def upload(client, data, **values):
    file = SimpleUploadedFile("okta.crt", data.encode() if isinstance(data, str) else data)
    return client.post(UPLOAD, {"pem": file, "label": "Okta", "name": "", **values})


@pytest.fixture
def okta(org):
    return CertificateFactory(org=org, name="Okta", label="Okta keys")


# --- The list and a certificate ---------------------------------------------------------


def test_lists_the_orgs_certificates_and_marks_expired_ones(admin_client, okta):
    CertificateFactory(org=okta.org, name="Old", pem=EXPIRED)
    CertificateFactory(org=okta.org, name="Next", pem=FUTURE)
    CertificateFactory(org=okta.org, name="App", pem=CA_SIGNED)
    CertificateFactory(org=OrgFactory(), name="Elsewhere")

    response = admin_client.get(LIST)

    assert headings(response) == [
        "Label",
        "Unique Name",
        "Type",
        "Key Size",
        "Expiration Date",
    ]
    assert [row[:4] for row in rows(response)] == [
        ["App", "App", "CA-Signed", "2048"],
        ["Next Not valid yet", "Next", "Self-Signed", "2048"],
        ["Okta keys", "Okta", "Self-Signed", "2048"],
        ["Old Expired", "Old", "Self-Signed", "2048"],
    ]
    assert links(response)["Create Self-Signed Certificate"] == NEW


def test_the_setup_tree_leads_to_the_list(admin_client):
    assert links(admin_client.get("/"))["Certificate and Key Management"] == LIST


def test_searches_filters_and_sorts(admin_client, okta, subtests):
    CertificateFactory(org=okta.org, name="Old", pem=EXPIRED)
    CertificateFactory(org=okta.org, name="App", pem=CA_SIGNED)
    for query, found in [
        ("search=KEYS", ["Okta keys"]),
        ("search=zzz", []),
        ("type=ca", ["App"]),
        ("type=self", ["Okta keys", "Old Expired"]),
        ("validity=expired", ["Old Expired"]),
        ("validity=valid", ["App", "Okta keys"]),
        ("sort=-label", ["Old Expired", "Okta keys", "App"]),
        ("sort=expires", ["Old Expired", "App", "Okta keys"]),
    ]:
        with subtests.test(query=query):
            assert names(admin_client.get(f"{LIST}?{query}")) == found
    assertContains(admin_client.get(f"{LIST}?search=zzz"), "No matching certificates")


def test_an_org_without_certificates_says_where_they_come_from(admin_client):
    assertContains(admin_client.get(LIST), "No certificates yet")


def test_shows_a_certificate(admin_client, okta):
    shown = record(admin_client.get(url_of("Okta")))

    assert shown.pop("Last Modified By")
    assert shown.pop("Created By")
    assert shown.pop("Start Date")
    assert shown.pop("Expiration Date")
    assert len(shown.pop("SHA-256 Fingerprint").split(":")) == 32
    assert shown.pop("Serial Number") == f"{okta.details.serial_number}"
    assert shown == {
        "Label": "Okta keys",
        "Unique Name": "Okta",
        "Type": "Self-Signed",
        "Key Size": "2048",
        "Private Key": "None",
        "Exportable Private Key": "—",
        "Subject": "CN=okta.example",
        "Issuer": "CN=okta.example",
    }


@pytest.mark.parametrize(
    ("pem", "sentence"),
    [(EXPIRED, "This certificate is expired."), (FUTURE, "This certificate isn")],
)
def test_says_that_a_certificate_cannot_be_used(admin_client, org, pem, sentence):
    CertificateFactory(org=org, name="Okta", pem=pem)

    response = admin_client.get(url_of("Okta"))

    assertContains(response, sentence, html=False)


def test_a_viewer_sees_certificates_but_no_buttons(viewer_client, okta):
    for url in [LIST, url_of("Okta")]:
        response = viewer_client.get(url)
        assertContains(response, "You have view-only access to Setup.")
        found = links(response).keys()
        assert not {"Upload Certificate", "Edit", "Delete"} & found


def test_downloads_the_certificate(viewer_client, okta):
    response = viewer_client.get(url_of("Okta", "download-certificate"))

    assert response.content.decode() == VALID
    assert response["Content-Disposition"] == 'attachment; filename="Okta.crt"'


# --- Create Self-Signed Certificate -----------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_generates_a_certificate_with_a_sealed_key(request, client_name, org):
    client = request.getfixturevalue(client_name)
    form = form_of(client.get(NEW)) | {"label": "Token signing"}
    assert form["key_size"] == "2048"

    client.post(NEW, form)

    certificate = Certificate.objects.get()
    assert (certificate.org, certificate.name) == (org, "Token_Signing")
    assert (certificate.is_key_exportable, certificate.has_new_key) == (True, False)
    days = (certificate.expires_at - timezone.now()).days
    assert days in {364, 365}
    assert toasts(client.get(LIST)) == ["Token signing was created."]
    display = "Created certificate Token signing"
    assert trail() == [("insertCertificate", SECTION, display)]
    # The key belongs to the certificate, and the database doesn't store it readably.
    key = load_pem_private_key(unseal(certificate.sealed_key), password=None)
    public = x509.load_pem_x509_certificate(certificate.pem.encode()).public_key()
    signature = key.sign(b"token", padding.PKCS1v15(), SHA256())
    public.verify(signature, b"token", padding.PKCS1v15(), SHA256())
    assert "PRIVATE" not in certificate.sealed_key


def test_no_page_contains_the_key(admin_client, admin):
    certificate = actions.create_certificate(name="Mine", label="Mine", by=admin)
    for verb in [
        "certificate",
        "download-certificate",
        "edit-certificate",
        "delete-certificate",
    ]:
        response = admin_client.get(url_of("Mine", verb))
        assertNotContains(response, "PRIVATE KEY")
        assertNotContains(response, certificate.sealed_key)
    assert record(admin_client.get(url_of("Mine")))["Private Key"] == "Stored securely"


def test_a_sealed_key_needs_the_servers_secret_key(settings):
    sealed = seal(b"key")
    assert unseal(sealed) == b"key"
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    with pytest.raises(SealError):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed) == b"key"


def test_refuses_invalid_values_at_their_fields(htmx_client, okta, subtests):
    for field, value, message in [
        ("label", "", "Enter a label."),
        ("label", "x" * 65, "at most 64 characters"),
        ("name", "2nd", "Start an API name with a letter."),
        ("name", "OKTA", "Another certificate already has this name."),
        ("key_size", "1024", "Select one of the listed key sizes."),
    ]:
        with subtests.test(field=field, value=value):
            data = {"label": "Other", "name": "", "key_size": "2048", field: value}
            response = htmx_client.post(NEW, data)

            assert response.status_code == 422
            assert message in field_errors(response, field)[0]
    assert Certificate.objects.get() == okta
    assert trail() == []


def test_an_org_has_a_limited_number_of_certificates(admin_client, okta, monkeypatch):
    monkeypatch.setattr(actions, "MAX_CERTIFICATES", 1)
    CertificateFactory(org=OrgFactory())

    response = upload(admin_client, VALID, label="Second")

    assert form_errors(response) == [
        "This org already has 1 certificates, the limit. Delete one first."
    ]


# --- Upload -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [VALID, VALID.replace("\n", "\r\n"), DER, f"# Okta\n{VALID}"]
)
def test_uploads_a_certificate(admin_client, org, data):
    response = upload(admin_client, data)

    assert response["Location"] == url_of("Okta")
    certificate = Certificate.objects.get()
    assert (certificate.pem, certificate.has_private_key) == (VALID, False)
    # No expiration: the year 9999 in any time zone.
    assert certificate.expires_at.year == 9999
    assert toasts(admin_client.get(LIST)) == ["Okta was uploaded."]
    assert trail() == [("insertCertificate", SECTION, "Created certificate Okta")]


def test_uploads_a_chain_and_an_expired_certificate(admin_client, org):
    upload(admin_client, CA_SIGNED + VALID)
    upload(admin_client, EXPIRED, label="Old")

    by_name = {row.name: row for row in Certificate.objects.all()}
    assert by_name["Okta"].pem == CA_SIGNED + VALID
    assert by_name["Okta"].is_ca_signed
    assert by_name["Old"].validity == "Expired"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "The file is empty."),
        ("hello", NOT_A_CERTIFICATE),
        (b"\x30\x82\xff\xff" + b"\0" * 99, NOT_A_CERTIFICATE),
        (VALID[:500], NOT_A_CERTIFICATE),
        (VALID.replace("A", "B"), NOT_A_CERTIFICATE),
        (DER[:-1], NOT_A_CERTIFICATE),
        (VALID + PRIVATE_KEY, HAS_PRIVATE_KEY),
        (VALID + "#" * MAX_CERTIFICATE_SIZE, TOO_LARGE),
        (VALID * 11, "A chain has at most 10 certificates."),
        (SHORT_KEY, WRONG_KEY),
        (ELLIPTIC, WRONG_KEY),
    ],
)
def test_refuses_what_is_no_usable_certificate(admin_client, org, data, message):
    response = upload(admin_client, data)

    assert response.status_code == 422
    assert field_errors(response, "pem") == [message]
    assert not Certificate.objects.exists()
    assertNotContains(response, "PRIVATE KEY", status_code=422)


@pytest.mark.parametrize("start", range(0, len(DER), 97))
def test_any_changed_byte_is_read_or_refused(start):
    data = bytearray(DER)
    data[start] ^= 0xFF
    with suppress(ValidationError):
        read_certificate(bytes(data))


# --- Edit and Delete --------------------------------------------------------------------


def test_edits_a_certificate(admin_client, okta):
    url = url_of("Okta", "edit-certificate")
    form = form_of(admin_client.get(url)) | {"label": "Other", "name": "Other"}
    del form["is_key_exportable"]

    response = admin_client.post(url, form)

    assert response["Location"] == url_of("Other")
    okta.refresh_from_db()
    assert (okta.label, okta.name, okta.is_key_exportable) == ("Other", "Other", False)
    assert trail() == [("updateCertificate", SECTION, "Changed certificate Other")]


def test_saving_without_a_change_records_nothing(admin_client, okta):
    url = url_of("Okta", "edit-certificate")

    admin_client.post(url, form_of(admin_client.get(url)))

    assert trail() == []


def test_asks_again_if_someone_else_changed_the_certificate(admin_client, okta):
    url = url_of("Okta", "edit-certificate")
    form = form_of(admin_client.get(url)) | {"label": "Mine"}
    Certificate.objects.update(label="Theirs", modified_at=timezone.now())

    response = admin_client.post(url, form)

    assert "Someone else changed this certificate" in form_errors(response)[0]
    admin_client.post(url, form_of(response) | {"label": "Mine"})
    assert Certificate.objects.get().label == "Mine"


def test_a_replaced_certificate_loses_its_key(admin):
    mine = actions.create_certificate(name="Mine", label="Mine", by=admin)

    edited = actions.edit_certificate(
        certificate=mine,
        name="Mine",
        label="Mine",
        is_key_exportable=True,
        pem=VALID.encode(),
        by=admin,
    )

    assert (edited.pem, edited.has_private_key) == (VALID, False)


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_deletes_after_a_confirmation(request, client_name, okta):
    client = request.getfixturevalue(client_name)
    url = url_of("Okta", "delete-certificate")

    assertContains(client.get(url), "Delete Okta keys?")
    client.post(url)

    assert not Certificate.objects.exists()
    assert toasts(client.get(LIST)) == ["Okta keys was deleted."]
    assert trail() == [("deleteCertificate", SECTION, "Deleted certificate Okta keys")]
