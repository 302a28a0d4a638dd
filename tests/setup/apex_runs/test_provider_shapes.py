"""The shapes of providers: their docs, their tokens, and classes in the vendors' style."""

import re
import socket
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError

from tests.factories import IssuerFactory, OrgFactory, RemoteSiteFactory, UserFactory
from tests.paths import ROOT
from tokenx.apex.runtime.trace import CalloutStarted
from tokenx.org.models import Issuer, RemoteSite
from tokenx.org.record_ids import ORG, record_id
from tokenx.setup.actions.issuers import create_issuer, rotate_key
from tokenx.setup.apex_runs.recipes import TokenRecipe, decoded_jwt, mint_recipe
from tokenx.setup.apex_runs.tokens import Broken, Mint, claims_of, mint
from tokenx.setup.issuer_shapes import people_of, tenant_of
from tokenx.setup.provider_shapes import SHAPES, Tokens

from .handler_calls import run_class
from .vendor_handlers import BY_INTROSPECTION, BY_KEYS, BY_USERINFO, FIND

PAGE = (ROOT / "docs" / "salesforce" / "identity-providers.md").read_text("utf-8")
ID, ACCESS = "ID_TOKEN", "ACCESS_TOKEN"
# These are about the signature. A token that's introspected has its own.
OF_CLAIMS = (Broken.OTHER_AUDIENCE, Broken.OTHER_ISSUER)


def table(heading):
    """Return the cells of a table in the docs, by its first column."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in rows[1:]}


def claims_in(tokens: Tokens) -> str:
    names = {"iss", *tokens.claims, *tokens.added, *tokens.person}
    return ", ".join(sorted(names))


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError(f"The network was used: {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def ada(org):
    return UserFactory(
        org=org, first_name="Ada", last_name="Lovelace", federation_id="ada-1"
    )


def issuer_of(admin, name):
    """Create an issuer with the values that its page fills in."""
    shape = next(each for each in SHAPES.values() if each.shape == name)
    values = shape.filled_in(shape.tenant_example, "http://testserver/idp/x/Own")
    for url in values.values():
        host = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
        if url and not RemoteSite.objects.filter(org=admin.org, url=host).exists():
            RemoteSiteFactory(org=admin.org, url=host)
    return create_issuer(name=name, label=name, shape=name, by=admin, **values)


def test_the_docs_have_each_shape():
    assert set(table("Signatures")) == {each.label for each in SHAPES}
    assert set(table("Sources")) == {each.label for each in SHAPES} - {"Your own"}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda each: each.shape.value)
def test_the_docs_and_the_code_agree(shape):
    label = shape.shape.label
    header = ", ".join(name for name, _ in shape.id_token.header) or "none"
    assert table("Signatures")[label] == [
        ", ".join(shape.algorithms),
        shape.key_id.name,
        header,
        "opaque" if shape.access_token.is_opaque else "JWT",
        shape.refresh_token,
    ]
    assert table("Addresses")[label] == [
        f"`{shape.iss}`",
        *(
            f"`{shape.addresses[field]}`" if field in shape.addresses else "none"
            for field in Issuer.ADDRESSES
        ),
    ]
    assert table("Claims")[label] == [
        claims_in(shape.id_token),
        claims_in(shape.access_token),
    ]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("auth0", r"[\w-]{21}"),
        ("entra_id", r"[\w-]{27}"),
        ("google", r"[0-9a-f]{40}"),
        ("keycloak", r"[\w-]{43}"),
        ("okta", r"[\w-]{43}"),
        ("ping", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ],
)
def test_tokens_have_the_claims_and_key_id_of_their_shape(admin, ada, name, form):
    issuer = issuer_of(admin, name)
    shape = SHAPES[name]

    assert re.fullmatch(form, issuer.key_id)
    assert tenant_of(issuer) == shape.tenant_example
    for token_type in (ID, ACCESS):
        tokens = shape.tokens(token_type)
        recipe = TokenRecipe(name, person="Ada Lovelace", token_type=token_type)
        token = mint_recipe(admin.org, recipe)
        if tokens.is_opaque:
            assert decoded_jwt(token) is None
            continue
        decoded = decoded_jwt(token)
        assert ", ".join(sorted(decoded["claims"])) == claims_in(tokens)
        assert set(decoded["header"]) == {"alg", "kid", *dict(tokens.header)}
        assert "{" not in token


@pytest.mark.parametrize("name", BY_KEYS)
def test_a_class_in_the_vendors_style_takes_good_tokens_only(admin, ada, name, subtests):
    issuer = issuer_of(admin, name)
    validate = BY_KEYS[name]

    def run(**options):
        recipe = TokenRecipe(name, person="Ada Lovelace", token_type=ID, **options)
        token = mint_recipe(admin.org, recipe)
        return run_class(admin, validate, FIND, token=token, token_type=ID)

    found = run()
    assert (found.refusal, found.user) == ("", ada)
    for broken in set(Broken) - {Broken.TOO_LONG}:
        with subtests.test(broken=broken):
            assert not run(broken=broken).is_successful
    rotate_key(issuer=issuer, by=admin)
    assert run().is_successful
    assert run(key="previous").is_successful
    assert not run(key="another").is_successful


@pytest.mark.parametrize(
    ("name", "validate"), [*BY_INTROSPECTION.items(), *BY_USERINFO.items()]
)
def test_a_class_asks_the_vendors_about_access_tokens(admin, ada, name, validate, subtests):
    issuer_of(admin, name)

    def run(**options):
        recipe = TokenRecipe(name, person="Ada Lovelace", token_type=ACCESS, **options)
        token = mint_recipe(admin.org, recipe)
        return run_class(admin, validate, FIND, token=token, token_type=ACCESS)

    found = run()
    assert (found.refusal, found.user) == ("", ada)
    for broken in [Broken.EXPIRED, Broken.FORGED, Broken.TAMPERED]:
        with subtests.test(broken=broken):
            assert not run(broken=broken).is_successful


def test_a_prepared_issuer_leaves_out_taken_addresses(admin_client, admin):
    issuer_of(admin, "google")

    response = admin_client.post("/new-issuer/", {"do": "fill", "shape": "google"})

    values = response.context["form"].initial
    assert values["iss"] == "https://accounts.google.com"
    assert values["keys_url"] == ""
    assert values["name"] != "google"


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_selecting_a_provider_fills_in_its_values(request, org, client_name):
    client = request.getfixturevalue(client_name)
    first = client.get("/new-issuer/").context["form"].initial
    assert first["keys_url"].startswith("http://testserver/idp/00D")
    assert first["keys_url"].endswith("/Identity_Provider/keys")

    response = client.post(
        "/new-issuer/",
        first | {"shape": "okta", "do": "fill", "tenant": "acme.okta.com/oauth2/default"},
    )

    values = response.context["form"].initial
    assert response.status_code == 200
    assert values["keys_url"] == "https://acme.okta.com/oauth2/default/v1/keys"
    assert (values["label"], values["name"]) == ("Okta", "Okta")
    entered = {name: value or "" for name, value in values.items()}
    client.post("/new-issuer/", entered)
    issuer = Issuer.objects.get(org=org)
    assert (issuer.shape, issuer.iss) == ("okta", "https://acme.okta.com/oauth2/default")


def test_refuses_an_invalid_tenant(admin_client):
    for tenant in ["a b", "x?y", "user@x.example", "../x"]:
        data = {"shape": "okta", "do": "fill", "tenant": tenant}
        response = admin_client.post("/new-issuer/", data)

        assert response.status_code == 422
        [error] = response.context["form"].errors["tenant"]
        assert error.startswith("Enter the domain and server, such as example.okta.com")


def test_own_addresses_can_have_http(admin_client, org):
    first = admin_client.get("/new-issuer/").context["form"].initial

    admin_client.post("/new-issuer/", first)

    issuer = Issuer.objects.get(org=org)
    assert issuer.shape == "own"
    assert issuer.iss.startswith("http://testserver/idp/")
    assert issuer.keys_url == f"{issuer.iss}/keys"


def test_another_orgs_people_are_unknown(admin):
    issuer = issuer_of(admin, "okta")
    UserFactory(org=OrgFactory(), federation_id="x")

    assert people_of(issuer) == []


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_urls_in_a_tokens_header_are_never_called(admin, ada, name):
    issuer = issuer_of(admin, "entra_id")
    host = "https://attacker.example"
    RemoteSiteFactory(org=admin.org, url=host)
    IssuerFactory(org=admin.org, name="Attacker", keys_url=f"{host}/keys")
    header = (("typ", "JWT"), (name, f"{host}/keys"))
    token = mint(issuer, {"sub": "x"}, Mint(header=header, broken=Broken.FORGED))

    found = run_class(admin, BY_KEYS["entra_id"], FIND, token=token)

    assert decoded_jwt(token)["header"][name] == f"{host}/keys"
    assert not found.is_successful
    urls = [
        each.endpoint for each in found.trace.events if isinstance(each, CalloutStarted)
    ]
    assert urls == [issuer.keys_url]
    assert claims_of(issuer, token) is None


def test_apex_calls_this_servers_own_issuers_without_the_network(admin, ada):
    iss = f"http://testserver/idp/{record_id(ORG, admin.org_id)}/Own"
    shape = SHAPES["own"]
    RemoteSiteFactory(org=admin.org, url="http://testserver")
    create_issuer(name="Own", label="Own", by=admin, **shape.filled_in("", iss))
    token = mint_recipe(admin.org, TokenRecipe("Own", person="Ada Lovelace"))
    validate = f"""
    Auth.JWT jwt = Auth.JWTUtil.validateJWTWithKeysEndpoint(token, '{iss}/keys', true);
    Auth.UserData data = new Auth.UserData(jwt.getSub(), null, null, null, null, null,
        null, null, 'own', null, null);
    return new Auth.TokenValidationResult(true, null, data, token, tokenType, null);
    """

    assert run_class(admin, validate, FIND, token=token).user == ada


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/keys", "http://169.254.169.254/", "http://x.example/idp/00D/x"],
)
def test_other_addresses_need_https(admin, url):
    with pytest.raises(ValidationError, match="Enter a URL with https://"):
        create_issuer(name="X", label="X", iss="x", keys_url=url, by=admin)
