"""Simulated Issuers: the list, an issuer, its dialogs, and the audit trail."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import CertificateFactory, IssuerFactory, OrgFactory
from tests.form import field_errors, form_errors, form_of
from tests.read import headings, links, rows, toasts
from tokenx.org.models import AuditEntry, Issuer
from tokenx.org.models.issuer import normalized, validate_issuer_address
from tokenx.org.sealing import unseal
from tokenx.setup.actions import issuers as actions
from tokenx.setup.actions.certificates import create_certificate

LIST, NEW = "/issuers/", "/new-issuer/"
DETAILS = {
    "label": "Okta",
    "name": "Okta",
    "iss": "https://mycompany.okta.com",
    "keys_url": "https://mycompany.okta.com/keys",
    "userinfo_url": "",
    "introspection_url": "",
    "token_url": "",
    "claims": 'aud=salesforce\nscp=["openid"]',
    "algorithm": "ES256",
    "certificate_name": "",
}


def url_of(name, verb="issuer"):
    return reverse(f"setup:{verb}", args=[name])


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


@pytest.fixture
def okta(org):
    return IssuerFactory(
        org=org,
        name="Okta",
        iss="https://mycompany.okta.com",
        keys_url="https://mycompany.okta.com/keys",
        claims={"aud": "salesforce"},
    )


def test_lists_the_orgs_issuers(admin_client, okta):
    IssuerFactory(org=okta.org, name="Alpha", iss="https://a.example")
    IssuerFactory(org=OrgFactory(), name="Elsewhere")

    response = admin_client.get(LIST)

    assert headings(response) == ["Name", "Issuer", "Algorithm", "Last Modified"]
    assert [row[:3] for row in rows(response)] == [
        ["Alpha", "https://a.example", "ES256"],
        ["Okta", "https://mycompany.okta.com", "ES256"],
    ]
    assert links(response)["New Simulated Issuer"] == NEW


def test_searches_the_list(admin_client, okta):
    IssuerFactory(org=okta.org, name="Alpha", iss="https://a.example")

    for typed in ["okta", "mycompany"]:
        assert [row[0] for row in rows(admin_client.get(f"{LIST}?search={typed}"))] == [
            "Okta"
        ]
    assertContains(admin_client.get(f"{LIST}?search=zzz"), "No matching issuers")


def test_an_org_without_issuers_says_what_they_do(admin_client):
    assertContains(admin_client.get(LIST), "No simulated issuers yet")


def test_shows_an_issuer_without_its_private_key(admin_client, okta):
    response = admin_client.get(url_of("Okta"))

    for text in [okta.key_id, "https://mycompany.okta.com/keys", "aud=salesforce"]:
        assertContains(response, text)
    keys = json.loads(response.context["keys"])["keys"]
    assert keys == [{**okta.public_key, "use": "sig", "alg": "ES256", "kid": okta.key_id}]
    assert "d" not in keys[0]
    assertNotContains(response, okta.sealed_key)
    assertNotContains(response, "snapshots don")


def test_a_viewer_sees_issuers_but_no_buttons(viewer_client, okta):
    for url in [LIST, url_of("Okta")]:
        found = links(viewer_client.get(url))
        assert not {"New Simulated Issuer", "Edit", "Rotate Key", "Delete"} & found.keys()


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_creates_an_issuer(request, client_name, org):
    client = request.getfixturevalue(client_name)

    response = client.post(NEW, DETAILS)

    issuer = Issuer.objects.get()
    assert response.status_code == (200 if client_name == "htmx_client" else 302)
    assert (issuer.org, issuer.name, issuer.algorithm) == (org, "Okta", "ES256")
    assert issuer.claims == {"aud": "salesforce", "scp": ["openid"]}
    assert b"PRIVATE KEY" in unseal(issuer.sealed_key)
    assert "PRIVATE" not in issuer.sealed_key
    assert toasts(client.get(LIST)) == ["Okta was saved."]
    assert trail() == [("createdIssuer", "Training", "Created simulated issuer Okta")]


def test_generates_the_api_name(admin_client):
    admin_client.post(NEW, DETAILS | {"label": "My login", "name": ""})

    assert Issuer.objects.get().name == "My_Login"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("label", "", "Enter a name."),
        ("name", "2nd", "Start an API name with a letter."),
        ("iss", "", "Enter an issuer."),
        ("keys_url", "http://x.example/keys", "Enter a URL with https://"),
        ("userinfo_url", "https://mycompany.okta.com/keys", "already answers this URL"),
        ("claims", "aud", "Line 1 isn't a claim."),
        ("claims", "aud=1\naud=2", "Line 2 repeats the claim aud."),
        ("claims", '{"aud": }', "The claims aren't valid JSON at line 1 column 9."),
        ("algorithm", "none", "Select one of the listed algorithms."),
        ("certificate_name", "None_Such", "Select one of the listed keys."),
    ],
)
def test_refuses_invalid_values(admin_client, org, field, value, message):
    response = admin_client.post(NEW, DETAILS | {field: value})

    assert response.status_code == 422
    assert message in field_errors(response, field)[0]
    assert not Issuer.objects.exists()


def test_an_address_has_one_issuer(admin_client, okta):
    taken = "https://MYCOMPANY.okta.com:443/keys"
    response = admin_client.post(NEW, DETAILS | {"name": "Other", "keys_url": taken})

    message = "Okta already answers this URL. Enter a different one."
    assert field_errors(response, "keys_url") == [message]
    elsewhere = IssuerFactory(org=OrgFactory(), keys_url=okta.keys_url)
    assert elsewhere.keys_url == okta.keys_url


def test_edits_an_issuer_and_keeps_its_key(admin_client, okta):
    url = url_of("Okta", "edit-issuer")
    data = form_of(admin_client.get(url)) | {"label": "Other", "claims": '{"sub": "x"}'}

    admin_client.post(url, data)

    issuer = Issuer.objects.get()
    assert (issuer.label, issuer.claims) == ("Other", {"sub": "x"})
    assert issuer.sealed_key == okta.sealed_key
    assert trail() == [("changedIssuer", "Training", "Changed simulated issuer Other")]


def test_saving_without_a_change_records_nothing(admin_client, okta):
    url = url_of("Okta", "edit-issuer")

    admin_client.post(url, form_of(admin_client.get(url)))

    assert Issuer.objects.get().modified_at == okta.modified_at
    assert trail() == []


def test_another_algorithm_needs_another_key(admin_client, okta):
    url = url_of("Okta", "edit-issuer")
    admin_client.post(url, form_of(admin_client.get(url)) | {"algorithm": "RS256"})

    issuer = Issuer.objects.get()
    assert issuer.public_key["kty"] == "RSA"
    assert issuer.key_id != okta.key_id


def test_asks_again_if_someone_else_changed_the_issuer(admin_client, okta):
    url = url_of("Okta", "edit-issuer")
    data = form_of(admin_client.get(url)) | {"label": "Mine"}
    Issuer.objects.update(label="Theirs", modified_at=timezone.now())

    response = admin_client.post(url, data)

    assert "Someone else changed this issuer" in form_errors(response)[0]
    admin_client.post(url, form_of(response) | {"label": "Mine"})
    assert Issuer.objects.get().label == "Mine"


def test_signs_with_a_certificates_key(admin, admin_client, okta):
    create_certificate(name="Signing", label="Token signing", by=admin)
    CertificateFactory(org=okta.org, name="Uploaded")
    url = url_of("Okta", "edit-issuer")
    response = admin_client.get(url)
    assertContains(response, "Certificate Token signing")
    assertNotContains(response, "Certificate Uploaded")
    data = form_of(response) | {"certificate_name": "Signing"}

    refused = admin_client.post(url, data)
    admin_client.post(url, data | {"algorithm": "RS256"})

    assert field_errors(refused, "algorithm") == [
        "Certificates have RSA keys. Select RS256."
    ]
    issuer = Issuer.objects.get()
    assert (issuer.certificate_name, issuer.sealed_key) == ("Signing", "")
    shown = admin_client.get(url_of("Okta"))
    assert links(shown)["Token signing"] == "/certificates/Signing/"
    assert "Rotate Key" not in links(shown)


def test_says_that_its_certificate_was_deleted(admin, admin_client, okta):
    certificate = create_certificate(name="Signing", label="Signing", by=admin)
    actions.edit_issuer(
        issuer=okta, name="Okta", by=admin, certificate_name="Signing", algorithm="RS256"
    )
    certificate.delete()

    assertContains(admin_client.get(url_of("Okta")), "has no private key or doesn")
    with pytest.raises(ValidationError):
        actions.rotate_key(issuer=okta, by=admin)


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_rotates_the_key(request, client_name, okta):
    client = request.getfixturevalue(client_name)
    Issuer.objects.update(has_new_key=True)
    assertContains(client.get(url_of("Okta")), "because snapshots don")

    client.post(url_of("Okta", "rotate-issuer-key"))

    issuer = Issuer.objects.get()
    assert issuer.key_id != okta.key_id
    assert not issuer.has_new_key
    display = "Rotated the key of simulated issuer Okta"
    assert trail() == [("rotatedIssuerKey", "Training", display)]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_deletes_an_issuer(request, client_name, okta):
    client = request.getfixturevalue(client_name)

    client.post(url_of("Okta", "delete-issuer"))

    assert not Issuer.objects.exists()
    assert toasts(client.get(LIST)) == ["Okta was deleted."]
    assert trail() == [("deletedIssuer", "Training", "Deleted simulated issuer Okta")]


def test_a_deleted_issuer_cannot_be_changed(admin, okta):
    actions.delete_issuer(issuer=okta, by=admin)
    actions.delete_issuer(issuer=okta, by=admin)

    assert len(trail()) == 1
    with pytest.raises(ValidationError, match="already deleted"):
        actions.edit_issuer(issuer=okta, name="Okta", by=admin, label="x")


def test_an_org_has_a_limited_number_of_issuers(admin_client, okta, monkeypatch):
    monkeypatch.setattr(actions, "MAX_ISSUERS", 1)
    data = DETAILS | {"name": "Second", "keys_url": ""}

    assert "the limit. Delete one first." in form_errors(admin_client.post(NEW, data))[0]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "idp.example",
        "ftp://idp.example",
        "https://",
        "https://user@idp.example/keys",
        "https://idp.example:99999/",
        "https://[",
        "https://idp.example/a b",
        "https://idp.example/\x00",
        "https://idp.example/#keys",
    ],
)
def test_refuses_an_address(url):
    with pytest.raises(ValidationError):
        validate_issuer_address(url)


def test_compares_addresses():
    assert normalized("HTTPS://A.example:443") == normalized("https://a.example/")
    assert normalized("https://a.example/B") != normalized("https://a.example/b")
    assert normalized("https://a.example/?x=1") == ("https://a.example/", "x=1")
    assert normalized("https://[") == ("https://[", "")


def test_shows_the_shared_secret_on_request(admin_client, viewer_client, okta):
    secret = unseal(okta.sealed_secret).decode()
    url = url_of("Okta", "issuer-secret")
    for path in [url, url_of("Okta"), url_of("Okta", "edit-issuer"), LIST]:
        assertNotContains(admin_client.get(path), secret)

    assertContains(admin_client.post(url), secret)
    assert viewer_client.post(url).status_code == 403
    response = admin_client.post(url, {"do": "generate"})

    other = unseal(Issuer.objects.get().sealed_secret).decode()
    assertContains(response, other)
    assert other != secret
    display = "Generated a shared secret for simulated issuer Okta"
    assert trail() == [("generatedIssuerSecret", "Training", display)]


def test_edits_people(admin_client, okta):
    url = url_of("Okta", "edit-issuer")
    text = '[Ada L]\nsub=ada-1\nroles=["a"]\n\n[Grace]\nsub=grace'

    admin_client.post(url, form_of(admin_client.get(url)) | {"people": text})

    issuer = Issuer.objects.get()
    assert issuer.people == [
        {"name": "Ada L", "claims": {"sub": "ada-1", "roles": ["a"]}},
        {"name": "Grace", "claims": {"sub": "grace"}},
    ]
    assertContains(admin_client.get(url_of("Okta")), "sub=ada-1, roles=[&quot;a&quot;]")
    assert "[Grace]\nsub=grace" in form_of(admin_client.get(url))["people"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sub=x", "Line 1 doesn't belong to a person."),
        ("[]\nsub=x", "A person's name has 1 to 80 characters."),
        ("[A]\n[A]", "The name 'A' is invalid or used twice."),
        ("[A]\nsub", "A: Line 1 isn't a claim."),
        ("\n".join(f"[{number}]" for number in range(51)), "at most 50 people"),
        ("x" * 40_001, "at most 40,000 characters"),
    ],
)
def test_refuses_invalid_people(admin_client, org, text, message):
    response = admin_client.post(NEW, DETAILS | {"people": text})

    assert response.status_code == 422
    assert message in field_errors(response, "people")[0]


def test_the_previous_key_stays_published(admin_client, okta):
    admin_client.post(url_of("Okta", "rotate-issuer-key"))

    issuer = Issuer.objects.get()
    response = admin_client.get(url_of("Okta"))
    keys = json.loads(response.context["keys"])["keys"]
    assert [key["kid"] for key in keys] == [issuer.key_id, okta.key_id]
    assert not any("d" in key or "sealed" in key for key in keys)
    assertNotContains(response, okta.sealed_key)
