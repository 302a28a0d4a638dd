"""Retrieving an org's components as files, and round trips."""

import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.certificates import VALID
from tests.factories import (
    ApexClassFactory,
    CertificateFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    PermissionSetFactory,
    ProfileFactory,
    RemoteSiteFactory,
    StoredComponentFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
    UserFieldFactory,
)
from tests.many import enable, make_apps
from tests.metadata.deploy.deploying import (
    apex_class,
    connected_app,
    deploy,
    enabled,
    external_app,
    files_of,
    handler,
    problems,
    ready_for_handlers,
    retrieved,
)
from tests.metadata.format.samples import GOOD, content, definition_of, written
from tests.metadata.format.test_properties import CHARACTERS, KEPT, example, kept_of
from tests.rollback import rolled_back
from tokenx.metadata.format.definitions import (
    TYPES,
    ConnectedAppDefinition,
    ExternalAppDefinition,
    ExternalAppGlobalSettings,
    ExternalAppPolicies,
    ExternalAppSettings,
    HandlerDefinition,
    Manifest,
    OauthConfig,
    OauthPolicy,
)
from tokenx.metadata.models import Status
from tokenx.metadata.retrieve.retrieve import ALL, not_found, retrieve
from tokenx.org.models import BuiltInProfile, PermittedUsers, StoredType

HANDLER = "OauthTokenExchangeHandler"

# --- Samples ---------------------------------------------------------------------------

COMPONENTS = [path for path in GOOD if definition_of(path) is not Manifest]


@pytest.fixture
def dependencies(org):
    """Create the components that the samples refer to."""
    for name in ("ShopTokens", "MyOauthTokenExchangeHandler"):
        ApexClassFactory(org=org, name=name)
    for name in ("inga@mycompany.example", "otto@mycompany.example"):
        IntegrationUserFactory(org=org, username=name)
    IntegrationUserFactory(org=org, username="integrationuser@mycompany.com")
    for name in ("Billing", "TokenExchangeApp1", "TokenExchangeApp2"):
        ClientAppFactory(org=org, label=name, api_name=name)
    ClientAppFactory(org=org, kind="external", label="Billing", api_name="Billing")
    deploy(UserFactory(org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR), PORTAL)


PORTAL = [("Portal", external_app())]


def test_every_valid_sample_round_trips(admin, org, dependencies, subtests):
    for path in COMPONENTS:
        with subtests.test(path.name), rolled_back():
            definition = content(definition_of(path), path.read_bytes())
            full_name = path.name.partition(".")[0]
            full_name = getattr(definition, "developer_name", full_name)
            if definition.type_name == "ApexClass":
                definition = replace(definition, body=apex_class("ShopTokens").body)
            if definition.type_name == "Certificate":
                definition = replace(definition, body=VALID)
            files = files_of((full_name, definition))

            deployment = deploy(admin, files)

            assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
            assert retrieved(org, {definition.type_name: [full_name]}) == files
            if path.name == "canonical.oauthtokenexchangehandler":
                assert path.read_bytes() in files.values()


# --- Any definition --------------------------------------------------------------------

TEXT = st.text(CHARACTERS, max_size=30)
LABEL = TEXT.filter(str.strip)
MAYBE = st.none() | st.booleans()
EMAIL = st.sampled_from(["a@x.example", "B.c+d@y.example"])
URLS = st.none() | st.sampled_from(["", "https://x.example/?a=1&b='2'", "a://b\nc://d"])
KEYS = st.none() | st.from_regex(r"3MVG9[A-Za-z0-9_.]{1,40}", fullmatch=True)
SCOPES = st.sampled_from(["Api", "Basic", "Full", "RefreshToken", "SFAP", "Unknown"])
POLICIES = [None, "", "zero", "specific_lifetime:3:HOURS", "Specific_inactivity:07:days"]
PERIODS = [(None, None), ("0", "Days"), ("30", "Months")]
APPS = st.lists(st.sampled_from("ABCDE"), unique=True).map(sorted)


@st.composite
def handlers(draw):
    """Generate handlers with a token type, and apps in the order of the page."""
    definition = draw(
        st.builds(
            HandlerDefinition,
            developer_name=st.just("Mine"),
            label=LABEL,
            description=TEXT,
            apex_class=st.just("ShopTokens"),
            enablements=st.just(()),
        ).filter(lambda handler: any(getattr(handler, name) for name in TOKEN_TYPES))
    )
    enablements = tuple(
        enabled(name, is_default=draw(st.booleans())) for name in draw(APPS)
    )
    return replace(definition, enablements=enablements)


FIELDS = HandlerDefinition.__dataclass_fields__
TOKEN_TYPES = [name for name in FIELDS if name.startswith("supports_")]


def parts(definition, **values):
    return st.builds(definition, unknown_elements=kept_of(definition), **values)


APP = {"label": LABEL, "contact_email": EMAIL, "description": st.none() | TEXT}
ANY = {
    "handler": handlers().map(lambda definition: ("Mine", definition)),
    "class": st.builds(
        lambda kept, version, status: (
            "Mine",
            apex_class("Mine", unknown_elements=kept, api_version=version, status=status),
        ),
        kept_of(TYPES["ApexClass"].definition),
        st.sampled_from(["67.0", "8.0"]),
        st.sampled_from(["Active", "Inactive"]),
    ),
    "connected": parts(
        ConnectedAppDefinition,
        **APP,
        oauth_config=st.none()
        | parts(
            OauthConfig,
            callback_url=URLS,
            consumer_key=KEYS,
            consumer_secret=st.none(),
            scopes=st.lists(SCOPES, max_size=3).map(tuple),
        ),
        oauth_policy=st.none()
        | parts(OauthPolicy, refresh_token_policy=st.sampled_from(POLICIES)),
        profiles=st.permutations(["Admin", "Standard"]).map(tuple),
    ).map(lambda definition: ("Mine", definition)),
    "external": parts(ExternalAppDefinition, **APP).map(
        lambda definition: ("Mine", definition)
    ),
    "global": parts(
        ExternalAppGlobalSettings,
        app=st.just("Portal"),
        callback_url=URLS,
        consumer_key=KEYS,
        consumer_secret=st.none(),
    ).map(lambda definition: ("Any name", definition)),
    "settings": parts(
        ExternalAppSettings,
        app=st.just("Portal"),
        scopes=st.none() | st.lists(SCOPES, max_size=3).map(",".join),
    ).map(lambda definition: ("Any name", definition)),
    "policies": st.sampled_from(PERIODS)
    .flatmap(
        lambda period: parts(
            ExternalAppPolicies,
            app=st.just("Portal"),
            permitted_users=st.none() | st.sampled_from(PermittedUsers.values),
            profiles=st.sampled_from([None, "", "Admin", "Standard,Admin"]),
            refresh_token_policy=st.sampled_from(
                ["SpecificLifetime", "specificInactivity"]
                if period[0] == "30"
                else [None, "", "Infinite", "Zero"]
            ),
            refresh_token_validity=st.just(period[0]),
            refresh_token_unit=st.just(period[1]),
        )
    )
    .map(lambda definition: ("Any name", definition)),
}


def full(definition, **values):
    """Return a definition with all of its elements."""
    return replace(example(definition, is_full=True), **values)


EMAILS = {"contact_email": "B.c+d@y.example"}
CLIENT = {"callback_url": "https://x.example/?a=1&b='2'", "consumer_key": "3MVG9Mine"}
# Two definitions of each type: one with all elements, and one with few.
EXAMPLES = [
    (
        "Mine",
        full(
            HandlerDefinition,
            developer_name="Mine",
            apex_class="ShopTokens",
            enablements=(enabled("A", is_default=True), enabled("C")),
        ),
        handler("Mine", "B"),
    ),
    (
        "Mine",
        apex_class("Mine", unknown_elements=KEPT, api_version="8.0", status="Inactive"),
        apex_class("Mine"),
    ),
    (
        "Mine",
        full(
            ConnectedAppDefinition,
            **EMAILS,
            oauth_config=full(OauthConfig, **CLIENT, scopes=("Api", "Full")),
            oauth_policy=full(
                OauthPolicy, refresh_token_policy="specific_lifetime:3:HOURS"
            ),
            profiles=("Standard", "Admin"),
            permission_sets=("Tokens",),
        ),
        ConnectedAppDefinition(**EMAILS, label="x"),
    ),
    (
        "Mine",
        full(ExternalAppDefinition, **EMAILS),
        ExternalAppDefinition(**EMAILS, label="x"),
    ),
    (
        "Any name",
        full(ExternalAppGlobalSettings, **CLIENT, app="Portal"),
        ExternalAppGlobalSettings(app="Portal"),
    ),
    (
        "Any name",
        full(ExternalAppSettings, app="Portal", scopes="Api,RefreshToken"),
        ExternalAppSettings(app="Portal"),
    ),
    (
        "Any name",
        full(
            ExternalAppPolicies,
            app="Portal",
            permitted_users=PermittedUsers.SELF_AUTHORIZED,
            profiles="Standard, Admin",
            permission_sets="Tokens",
            refresh_token_policy="SpecificInactivity",
            refresh_token_validity="7",
            refresh_token_unit="Days",
        ),
        ExternalAppPolicies(app="Portal"),
    ),
]


def check_round_trip(by, name, *several):
    """Deploy definitions of one component, each over the one before."""
    for definition in several:
        files = files_of((name, definition))

        deployment = deploy(by, files)

        assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
        assert retrieved(by.org, {definition.type_name: [name]}) == files
        assert deploy(by, files).messages.get().outcome == "Unchanged"


def test_each_type_round_trips(admin, org, subtests):
    ready_for_handlers(org, *"ABC")
    deploy(admin, PORTAL)
    PermissionSetFactory(org=org, name="Tokens")
    for name, one, other in EXAMPLES:
        with subtests.test(one.type_name), rolled_back():
            check_round_trip(admin, name, one, other)


@pytest.mark.slow
class AnyDefinitionMakesARoundTrip(TestCase):
    @settings(max_examples=25)
    @given(two=st.sampled_from(sorted(ANY)).flatmap(lambda k: st.tuples(ANY[k], ANY[k])))
    def test_in_a_new_org_and_over_another_definition(self, two):
        org = OrgFactory()
        by = UserFactory(org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
        ready_for_handlers(org, *"ABCDE")
        deploy(by, PORTAL)
        (name, one), (_, other) = two
        check_round_trip(by, name, one, other)


# --- Requested components --------------------------------------------------------------


@pytest.fixture
def rows(org):
    for name in ("Mine", "Yours"):
        handler = TokenExchangeHandlerFactory(org=org, label=name, developer_name=name)
        EnablementFactory(handler=handler)
    ClientAppFactory(org=org, kind="external", label="Portal", api_name="Portal")
    ProfileFactory(org=org, name="Partners")
    TokenExchangeHandlerFactory(developer_name="Theirs")
    ProfileFactory(name="Theirs")


def names(result):
    return [(each.type_name, each.full_name) for each in result.found]


def test_retrieves_all_components_of_a_type(org, rows):
    result = retrieve(org, {HANDLER: ["*"]})

    assert names(result) == [(HANDLER, "Mine"), (HANDLER, "Yours")]
    assert not result.missing


def test_retrieves_components_by_name_in_any_case(org, rows):
    result = retrieve(org, {HANDLER: ["MINE", "Gone", "Theirs"], "Unknown": ["X"]})

    assert names(result) == [(HANDLER, "Mine")]
    assert result.missing == [(HANDLER, "Gone"), (HANDLER, "Theirs"), ("Unknown", "X")]
    assert not_found(HANDLER, "Gone") == (
        "Entity of type 'OauthTokenExchangeHandler' named 'Gone' cannot be found"
    )


def test_retrieves_more_names_than_fit_in_a_query(org, rows):
    result = retrieve(org, {HANDLER: ["Mine", *(f"Gone{n}" for n in range(2_000))]})

    assert names(result) == [(HANDLER, "Mine")]
    assert len(result.missing) == 2_000


def test_retrieves_the_whole_org_and_nothing_of_another_org(org, rows):
    for factory in [
        CertificateFactory,
        PermissionSetFactory,
        ProfileFactory,
        RemoteSiteFactory,
    ]:
        factory(org=org)
        factory(org=OrgFactory(), name="Theirs")
    UserFieldFactory(org=org)
    for stored_type in StoredType:
        StoredComponentFactory(org=org, type=stored_type)
        StoredComponentFactory(org=OrgFactory(), type=stored_type, name="Theirs")
    UserFieldFactory(org=OrgFactory(), name="User.Theirs__c")

    result = retrieve(org, ALL)

    assert {type_name for type_name, _ in names(result)} == set(TYPES)
    assert "Theirs" not in dict(names(result)).values()


@pytest.mark.parametrize("source_format", [True, False])
def test_a_zip_of_the_whole_org_can_be_deployed_again(admin, org, rows, source_format):
    ClientAppFactory._meta.model.objects.update(contact_email="a@x.example")
    target = io.BytesIO()
    retrieve(org, ALL, source_format=source_format).write_zip(target, folder="unpackaged")
    assert zipfile.ZipFile(target).testzip() is None

    deployment = deploy(admin, target.getvalue())

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    outcomes = {row.outcome for row in deployment.messages.exclude(type_name="")}
    assert outcomes == {"Unchanged"}


def test_has_the_user_and_time_of_each_change(admin, org):
    ready_for_handlers(org, "Billing")
    deploy(admin, [handler("Mine", "Billing"), ("New", connected_app("New"))])

    component, *_ = retrieve(org, {HANDLER: ["Mine"]}).found

    assert (component.created_by, component.modified_by) == (admin, admin)
    assert component.component_id.startswith("txH")
    assert component.modified_at >= component.created_at


def test_takes_two_queries_for_any_number_of_apps(org, django_assert_num_queries):
    apps = make_apps(org, 1_000)
    for name, some in [("Few", apps[:10]), ("Many", apps)]:
        enable(TokenExchangeHandlerFactory(org=org, developer_name=name), some)

        with django_assert_num_queries(2):
            [data] = retrieved(org, {HANDLER: [name]}).values()

        assert data.count(b"<enablements>") == len(some)
        assert written(content(HandlerDefinition, data)) == data
