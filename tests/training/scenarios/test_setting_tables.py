"""Custom fields, certificates, remote sites, and stored components in scenarios."""

import pytest

from tests.certificates import VALID
from tests.factories import (
    AppPermissionSetFactory,
    AppProfileFactory,
    IssuerFactory,
    OrgFactory,
    PermissionSetAssignmentFactory,
    RemoteSiteFactory,
)
from tokenx.org.models import (
    AppPermissionSet,
    AppProfile,
    Certificate,
    ClientApp,
    Issuer,
    PermissionSet,
    PermissionSetAssignment,
    RemoteSite,
    StoredComponent,
    User,
    UserField,
)
from tokenx.org.models.app_access import access_of
from tokenx.setup.apex_runs.tokens import mint
from tokenx.training.practice import actions as practice
from tokenx.training.practice.removal import remove_org
from tokenx.training.scenarios import build
from tokenx.training.scenarios.catalogue import ScenarioError
from tokenx.training.scenarios.reader import read_scenario

HEAD = 'label = "Sites"\ndescription = "Sites."\n'
SITES = """
[[remote_sites]]
name = "Okta_Keys"
url = "https://mycompany.okta.com"

[[remote_sites]]
name = "Old"
url = "http://old.example:8080"
active = false
description = "Unused"
disable_protocol_security = true
"""


def sites_of(org):
    values = ["name", "url", "is_active", "description", "disables_protocol_security"]
    return list(RemoteSite.objects.filter(org=org).order_by("name").values_list(*values))


def test_a_scenario_has_remote_sites(admin):
    scenario = read_scenario(HEAD + SITES, slug="t", file="t.toml")

    build.fill(admin.org, scenario, owner=admin)

    assert sites_of(admin.org) == [
        ("Okta_Keys", "https://mycompany.okta.com", True, "", False),
        ("Old", "http://old.example:8080", False, "Unused", True),
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("Old", "okta_keys"), "t.toml:9: name okta_keys is already used."),
        (("Old", "2nd"), "t.toml:9: name isn't valid: Start an API name with a letter."),
        (("http://old.example:8080", "ftp://x"), "t.toml:10: url isn't valid: Enter a URL"),
        (("Unused", "x" * 256), "t.toml:12: description isn't valid"),
        (("active", "enabled"), "t.toml:11: enabled isn't a known key. Known keys"),
        (('name = "Old"\n', ""), "t.toml:8: name is missing."),
    ],
)
def test_refuses_an_invalid_remote_site(change, problem):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(HEAD + SITES.replace(*change), slug="t", file="t.toml")

    [line] = str(refused.value).splitlines()
    assert line.startswith(problem)


def test_reset_restores_the_scenarios_remote_sites(db, settings):
    settings.SIGNUP = "open"
    owner = practice.start_practice_org(scenario="first-steps", name="Grace")
    before = sites_of(owner.org)
    RemoteSiteFactory(org=owner.org, name="Added")
    elsewhere = RemoteSiteFactory(org=OrgFactory())

    practice.reset_org(org=owner.org, by=owner)

    assert sites_of(owner.org) == before
    assert RemoteSite.objects.filter(pk=elsewhere.pk).exists()


def test_an_orgs_removal_deletes_its_remote_sites(org):
    RemoteSiteFactory(org=org)
    elsewhere = RemoteSiteFactory(org=OrgFactory())

    remove_org(org)

    assert RemoteSite.objects.get() == elsewhere


STORED = """
[[stored_components]]
type = "NamedCredential"
name = "Okta"
file = '''
<?xml version="1.0" encoding="UTF-8"?>
<NamedCredential xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>Okta</label>
</NamedCredential>
'''

[[user_fields]]
name = "Azure_Id__c"
length = 20

[[users]]
username = "ada@mycompany.com"
last_name = "Ada"
custom_values = {Azure_Id__c = "ada-1"}

[[certificates]]
name = "Signing"
label = "Token signing"
key_size = 3072
"""


def test_a_scenario_has_fields_certificates_and_stored_components(admin):
    scenario = read_scenario(HEAD + STORED, slug="t", file="t.toml")

    build.fill(admin.org, scenario, owner=admin)

    [stored] = StoredComponent.objects.filter(org=admin.org)
    assert (stored.type, stored.name) == ("NamedCredential", "Okta")
    [field] = UserField.objects.filter(org=admin.org)
    assert (field.api_name, field.label, field.length) == ("Azure_Id__c", "Azure Id", 20)
    ada = User.objects.get(org=admin.org, last_name="Ada")
    assert ada.custom_values == {"Azure_Id__c": "ada-1"}
    [certificate] = Certificate.objects.filter(org=admin.org)
    assert (certificate.label, certificate.key_size) == ("Token signing", 3072)
    assert certificate.has_private_key
    practice.clear_org(admin.org, owner=admin)
    for model in [StoredComponent, UserField, Certificate]:
        assert not model.objects.exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("Azure_Id__c = ", "Other__c = "), "custom_values isn't valid: Other__c isn't"),
        (("ada-1", "x" * 21), "custom_values isn't valid: Azure Id has at most 20"),
        (("length = 20", "length = 256"), "length isn't valid: Enter a length from 1"),
        (("3072", "1024"), "key_size ('1024') isn't one of 2048, 3072, 4096"),
        (('label = "Token signing"', 'pem = "x"'), "pem ('x') isn't valid: This isn't an"),
        (('"NamedCredential"', '"Layout"'), "type ('Layout') isn't one of CustomLabels"),
        (("</label>", ""), "file isn't valid: The file isn't well-formed XML."),
        (("<label>Okta</label>", "<password>p</password>"), "Remove the element password"),
        (('"NamedCredential"', '"CustomLabels"'), "file isn't valid: Error parsing file: "),
    ],
)
def test_refuses_invalid_tables(change, problem):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(HEAD + STORED.replace(*change, 1), slug="t", file="t.toml")

    assert problem in str(refused.value)


ACCESS = """
[[profiles]]
name = "Partners"

[[permission_sets]]
name = "Token_Exchange"

[[permission_sets]]
name = "Audit"
label = "Auditors"
description = "Read logs"

[[users]]
username = "ada@mycompany.com"
last_name = "Ada"
permission_sets = ["audit", "Token_Exchange"]

[[apps]]
kind = "connected"
label = "Billing"
profiles = ["system_administrator", "partners"]
permission_sets = ["Token_Exchange"]
"""


def test_a_scenario_has_permission_sets_of_users_and_apps(admin):
    scenario = read_scenario(HEAD + ACCESS, slug="t", file="t.toml")

    build.fill(admin.org, scenario, owner=admin)

    sets = PermissionSet.objects.filter(org=admin.org).by_label()
    assert [(row.name, row.label, row.description) for row in sets] == [
        ("Audit", "Auditors", "Read logs"),
        ("Token_Exchange", "Token Exchange", ""),
    ]
    ada = User.objects.get(org=admin.org, last_name="Ada")
    assert list(PermissionSet.objects.of_user(ada).by_label()) == list(sets)
    access = access_of(ClientApp.objects.get(org=admin.org))
    assert [row.name for row in access.profiles] == ["Partners", "System Administrator"]
    assert [row.name for row in access.permission_sets] == ["Token_Exchange"]
    practice.clear_org(admin.org, owner=admin)
    for model in [PermissionSet, PermissionSetAssignment, AppProfile, AppPermissionSet]:
        assert not model.objects.exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('["audit", ', '["audits", '), "permission_sets 'audits' isn't in this scenario"),
        (('"partners"]', '"unknown"]'), "profiles ('unknown') isn't one of system_admin"),
        (('= ["Token_Exchange"]', '= ["Other"]'), "permission_sets 'Other' isn't in this"),
        (('"Audit"', '"token_exchange"'), "name token_exchange is already used"),
        (('"Audit"', '"2nd"'), "name isn't valid: Start an API name with a letter"),
        (('"Auditors"', f'"{"x" * 81}"'), "label isn't valid: Ensure this value has"),
    ],
)
def test_refuses_invalid_permission_sets(change, problem):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(HEAD + ACCESS.replace(*change, 1), slug="t", file="t.toml")

    assert problem in str(refused.value)


def test_reset_restores_the_scenarios_access(db, settings):
    settings.SIGNUP = "open"
    owner = practice.start_practice_org(scenario="empty", name="Grace")
    PermissionSetAssignmentFactory(org=owner.org, user=owner)
    AppPermissionSetFactory(org=owner.org)
    AppProfileFactory(org=owner.org)
    elsewhere = AppPermissionSetFactory()

    practice.reset_org(org=owner.org, by=owner)

    for model in [PermissionSet, PermissionSetAssignment, AppProfile, AppPermissionSet]:
        assert not model.objects.filter(org=owner.org).exists()
    assert AppPermissionSet.objects.filter(pk=elsewhere.pk).exists()


ISSUERS = f"""
[[certificates]]
name = "Signing"

[[certificates]]
name = "Uploaded"
pem = '''
{VALID}'''

[[issuers]]
name = "Okta_Login"
provider = "okta"
issuer = "https://okta.example"
discovery = "https://okta.example/.well-known/openid-configuration"
people = [{{name = "Ada", claims = {{sub = "ada-1"}}}}]
keys = "https://okta.example/keys"
userinfo = "https://okta.example/userinfo"
algorithm = "ES256"
claims = {{aud = "salesforce", scp = ["openid"]}}

[[issuers]]
name = "Stores"
label = "All stores"
issuer = "stores"
certificate = "Signing"
"""


def test_a_scenario_has_issuers_with_keys_of_their_own(admin):
    scenario = read_scenario(HEAD + ISSUERS, slug="t", file="t.toml")
    orgs = [admin.org, OrgFactory()]

    for org in orgs:
        build.fill(org, scenario, owner=admin)

    okta, stores = Issuer.objects.filter(org=admin.org).order_by("name")
    assert (okta.label, okta.iss) == ("Okta Login", "https://okta.example")
    assert okta.claims == {"aud": "salesforce", "scp": ["openid"]}
    assert okta.shape == "okta"
    assert okta.people == [{"name": "Ada", "claims": {"sub": "ada-1"}}]
    assert okta.discovery_url.endswith("/openid-configuration")
    assert (stores.label, stores.certificate_name) == ("All stores", "Signing")
    assert mint(stores, {}).count(".") == 2
    other = Issuer.objects.get(org=orgs[1], name="Okta_Login")
    assert other.key_id != okta.key_id


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("Stores", "okta_login"), "name okta_login is already used."),
        (("Stores", "2nd"), "name isn't valid: Start an API name with a letter."),
        (("https://okta.example/keys", "http://x"), "keys isn't valid: Enter a URL"),
        (("/userinfo", "/keys"), "userinfo is already used."),
        (('"ES256"', '"HS256"'), "algorithm"),
        (('certificate = "Signing"', 'certificate = "Uploaded"'), "certificate has no"),
        (('certificate = "Signing"', 'certificate = "None"'), "certificate 'None' isn't"),
        (('"openid"', "2026-01-01"), "claims"),
        (('issuer = "stores"\n', ""), "issuer is missing."),
        (
            ('provider = "okta"', 'provider = "other"'),
            "provider ('other') isn't one of own, auth0",
        ),
        (('"ada-1"', f'"{"y" * 9000}"'), "Claims can have at most 8,000"),
    ],
)
def test_refuses_an_invalid_issuer(change, problem):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(HEAD + ISSUERS.replace(*change), slug="t", file="t.toml")

    [line] = str(refused.value).splitlines()
    assert problem in line


def test_reset_restores_the_scenarios_issuers(db, settings):
    settings.SIGNUP = "open"
    owner = practice.start_practice_org(scenario="first-steps", name="Grace")
    before = set(Issuer.objects.filter(org=owner.org).values_list("name"))
    IssuerFactory(org=owner.org, name="Added")

    practice.reset_org(org=owner.org, by=owner)

    assert set(Issuer.objects.filter(org=owner.org).values_list("name")) == before
