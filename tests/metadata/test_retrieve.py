"""Reading an org back as files: what was deployed comes back as it was."""

import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.metadata.deploying import (
    RUN_AS,
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
from tests.metadata.samples import GOOD, content, definition_of, name_of, written
from tests.metadata.test_xml_properties import LETTERS, kept_of
from tokenx.metadata.definition import (
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
from tokenx.metadata.retrieve import ALL, not_found, retrieve
from tokenx.org.models import PermittedUsers, Profile

HANDLER = "OauthTokenExchangeHandler"

# --- Samples ---------------------------------------------------------------------------

COMPONENTS = [path for path in GOOD if definition_of(path) is not Manifest]


@pytest.fixture
def around(org):
    """What the samples refer to."""
    for name in ("ShopTokens", "MyOauthTokenExchangeHandler"):
        ApexClassFactory(org=org, name=name)
    for name in ("inga@mycompany.example", "otto@mycompany.example"):
        IntegrationUserFactory(org=org, username=name)
    IntegrationUserFactory(org=org, username="integrationuser@mycompany.com")
    for name in ("Billing", "TokenExchangeApp1", "TokenExchangeApp2"):
        ClientAppFactory(org=org, label=name, api_name=name)
    ClientAppFactory(org=org, kind="external", label="Billing", api_name="Billing")
    deploy(UserFactory(org=org, profile=Profile.SYSTEM_ADMINISTRATOR), PORTAL)


PORTAL = [("Portal", external_app())]


@pytest.mark.parametrize("path", COMPONENTS, ids=name_of)
def test_every_good_sample_comes_back_as_it_was(admin, org, around, path):
    definition = content(definition_of(path), path.read_bytes())
    full_name = path.name.partition(".")[0]
    full_name = getattr(definition, "developer_name", full_name)
    if definition.type_name == "ApexClass":
        definition = replace(definition, body=apex_class("ShopTokens").body)
    files = files_of((full_name, definition))

    deployment = deploy(admin, files)

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert retrieved(org, {definition.type_name: [full_name]}) == files
    if path.name == "canonical.oauthtokenexchangehandler":
        assert path.read_bytes() in files.values()


# --- Any definition --------------------------------------------------------------------

TEXT = st.text(LETTERS, max_size=30)
LABEL = TEXT.filter(str.strip)
MAYBE = st.none() | st.booleans()
EMAIL = st.sampled_from(["a@x.example", "B.c+d@y.example"])
URLS = st.none() | st.sampled_from(["", "https://x.example/?a=1&b='2'", "a://b\nc://d"])
KEYS = st.none() | st.from_regex(r"3MVG9[A-Za-z0-9_.]{1,40}", fullmatch=True)
SCOPES = st.sampled_from(["Api", "Basic", "Full", "RefreshToken", "OpenID", "Content"])
APPS = st.lists(st.sampled_from("ABCDE"), unique=True).map(sorted)


@st.composite
def handlers(draw):
    """They take some token type; their apps are in the order of the page."""
    made = draw(
        st.builds(
            HandlerDefinition,
            developer_name=st.just("Mine"),
            label=LABEL,
            description=TEXT,
            apex_class=st.just("ShopTokens"),
            enablements=st.just(()),
        ).filter(lambda it: any(getattr(it, name) for name in TOKEN_TYPES))
    )
    enablements = tuple(
        enabled(name, is_default=draw(st.booleans())) for name in draw(APPS)
    )
    return replace(made, enablements=enablements)


FIELDS = HandlerDefinition.__dataclass_fields__
TOKEN_TYPES = [name for name in FIELDS if name.startswith("supports_")]


def parts(definition, **values):
    return st.builds(definition, kept=kept_of(definition), **values)


APP = {"label": LABEL, "contact_email": EMAIL, "description": st.none() | TEXT}
ANY = {
    "handler": handlers().map(lambda made: ("Mine", made)),
    "class": st.builds(
        lambda kept, version, status: (
            "Mine",
            apex_class("Mine", kept=kept, api_version=version, status=status),
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
        oauth_policy=st.none() | parts(OauthPolicy),
    ).map(lambda made: ("Mine", made)),
    "external": parts(ExternalAppDefinition, **APP).map(lambda made: ("Mine", made)),
    "global": parts(
        ExternalAppGlobalSettings,
        app=st.just("Portal"),
        callback_url=URLS,
        consumer_key=KEYS,
        consumer_secret=st.none(),
    ).map(lambda made: ("Any name", made)),
    "settings": parts(
        ExternalAppSettings,
        app=st.just("Portal"),
        scopes=st.none() | st.lists(SCOPES, max_size=3).map(",".join),
    ).map(lambda made: ("Any name", made)),
    "policies": parts(
        ExternalAppPolicies,
        app=st.just("Portal"),
        permitted_users=st.none() | st.sampled_from(PermittedUsers.values),
    ).map(lambda made: ("Any name", made)),
}


class AnythingThatIsDeployedComesBack(TestCase):
    """Once into an org that has nothing of it, and once more over something else."""

    @settings(max_examples=25)
    @given(two=st.sampled_from(sorted(ANY)).flatmap(lambda k: st.tuples(ANY[k], ANY[k])))
    def test_as_it_was(self, two):
        org = OrgFactory()
        by = UserFactory(org=org, profile=Profile.SYSTEM_ADMINISTRATOR)
        ready_for_handlers(org, *"ABCDE")
        deploy(by, PORTAL)
        for name, definition in two:
            files = files_of((name, definition))

            deployment = deploy(by, files)

            assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
            assert retrieved(org, {definition.type_name: [name]}) == files
            assert deploy(by, files).messages.get().outcome == "Unchanged"


# --- Requested components --------------------------------------------------------------


@pytest.fixture
def rows(org):
    for name in ("Mine", "Yours"):
        made = TokenExchangeHandlerFactory(org=org, label=name, developer_name=name)
        EnablementFactory(handler=made)
    ClientAppFactory(org=org, kind="external", label="Portal", api_name="Portal")
    TokenExchangeHandlerFactory(developer_name="Theirs")


def names(found):
    return [(each.type_name, each.full_name) for each in found.found]


def test_all_of_a_type(org, rows):
    found = retrieve(org, {HANDLER: ["*"]})

    assert names(found) == [(HANDLER, "Mine"), (HANDLER, "Yours")]
    assert not found.missing


def test_some_by_name_whatever_its_case(org, rows):
    found = retrieve(org, {HANDLER: ["MINE", "Gone", "Theirs"], "Unknown": ["X"]})

    assert names(found) == [(HANDLER, "Mine")]
    assert found.missing == [(HANDLER, "Gone"), (HANDLER, "Theirs"), ("Unknown", "X")]
    assert not_found(HANDLER, "Gone") == (
        "Entity of type 'OauthTokenExchangeHandler' named 'Gone' cannot be found"
    )


def test_more_names_than_a_query_takes(org, rows):
    found = retrieve(org, {HANDLER: ["Mine", *(f"Gone{n}" for n in range(2_000))]})

    assert names(found) == [(HANDLER, "Mine")]
    assert len(found.missing) == 2_000


def test_the_whole_org_and_nothing_of_another(org, rows):
    found = retrieve(org, ALL)

    assert {type_name for type_name, _ in names(found)} == set(TYPES)
    assert "Theirs" not in dict(names(found)).values()


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


def test_says_who_had_to_do_with_it_and_when(admin, org):
    ready_for_handlers(org, "Billing")
    deploy(admin, [handler("Mine", "Billing"), ("New", connected_app("New"))])

    made, *_ = retrieve(org, {HANDLER: ["Mine"]}).found

    assert (made.created_by, made.modified_by) == (admin, admin)
    assert made.component_id.startswith("txH")
    assert made.modified_at >= made.created_at


@pytest.mark.parametrize("size", [10, 1_000])
def test_asks_no_more_for_many_apps(org, size, django_assert_num_queries):
    made = TokenExchangeHandlerFactory(org=org, developer_name="Mine")
    run_as = IntegrationUserFactory(org=org, username=RUN_AS)
    for app in ClientAppFactory.create_batch(size, org=org):
        EnablementFactory._build(
            EnablementFactory._meta.model, handler=made, app=app, run_as=run_as, org=org
        ).save()

    with django_assert_num_queries(2):
        [data] = retrieved(org, {HANDLER: ["Mine"]}).values()

    assert data.count(b"<enablements>") == size
    assert written(content(HandlerDefinition, data)) == data
