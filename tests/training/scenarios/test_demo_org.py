"""The demo org: what it contains, which is the same on every build."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Count

from tests.conftest import signed_in
from tests.factories import EnablementFactory
from tests.read import names, options
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import BuiltInProfile, ClientApp, Org, User
from tokenx.training.practice.removal import remove_org
from tokenx.training.scenarios.demo_org import build_demo_org, sign_in_name

PASSWORD = "correct horse battery"
MODELS = [TokenExchangeHandler, Enablement, ClientApp, User]


@pytest.fixture(scope="module")
def built(module_db):
    """Build the org once for all tests of this module."""
    return build_demo_org(password=PASSWORD)


@pytest.fixture
def administrator(built, db):
    return User.objects.select_related("org").get(pk=built.pk)


@pytest.fixture
def demo(administrator):
    return administrator.org


def users(demo):
    return User.objects.filter(org=demo)


def test_the_administrator_and_the_viewer_can_sign_in(demo, client):
    for username, profile in [
        ("admin@tokenx.example", BuiltInProfile.SYSTEM_ADMINISTRATOR),
        (sign_in_name("viewer"), BuiltInProfile.SETUP_VIEWER),
    ]:
        data = {"username": username, "password": PASSWORD}
        assert client.post("/sign-in/", data).status_code == 302
        assert client.get("/handlers/").status_code == 200
        assert users(demo).get(username=username).profile.kind == profile
        client.post("/sign-out/")


def test_has_300_users_and_more(demo):
    assert users(demo).count() >= 300
    assert users(demo).filter(is_active=False).count() >= 5


def test_has_several_integration_users(demo):
    integration_users = users(demo).filter(is_integration_user=True)

    assert integration_users.count() >= 3
    assert integration_users.get(username="integrationuser@mycompany.com").is_active


def test_star_ion_finds_the_integration_user(administrator):
    labels = options(signed_in(administrator).get("/lookup/users/", {"q": "*ion"}))

    assert "Integration User" in labels


def test_two_people_have_the_same_name(demo):
    pairs = users(demo).values("first_name", "last_name").annotate(number=Count("*"))

    assert pairs.filter(number__gt=1).exists()


def test_names_come_from_many_languages(demo):
    everything = " ".join(user.name for user in users(demo))

    for letters in ["éàñ", "'’", "øłß", "абв", "αβγ", "佐藤", "김", "ام", "כהן", "शम"]:
        assert set(letters) & set(everything), letters


def test_has_25_apps_and_more_of_both_kinds(demo):
    apps = ClientApp.objects.filter(org=demo)

    assert apps.count() >= 25
    for kind in ClientApp.Kind:
        assert apps.filter(kind=kind).count() >= 5
    for name in ["TokenExchangeApp1", "TokenExchangeApp2"]:
        assert apps.get(kind="connected", api_name=name).is_exchangeable


def test_apps_of_both_kinds_have_every_combination_of_switches(demo):
    switches = ClientApp.objects.filter(org=demo).values_list(
        "kind", "allows_token_exchange", "policy_allows_token_exchange"
    )

    assert set(switches) == set(product(ClientApp.Kind, [True, False], [True, False]))


def test_apps_have_all_required_fields(demo):
    for app in ClientApp.objects.filter(org=demo):
        assert all([app.contact_email, app.callback_url, app.scopes]), app
        # The database enforces the constraints.
        app.full_clean(validate_unique=False, validate_constraints=False)


def test_handlers_differ_in_status_and_token_types(demo):
    handlers = TokenExchangeHandler.objects.filter(org=demo)

    assert handlers.count() >= 6
    assert {handler.is_enabled for handler in handlers} == {True, False}
    assert len({tuple(handler.token_types) for handler in handlers}) >= 4
    mine = handlers.get(developer_name="MyTokenExchangeHandler")
    assert mine.apex_class.name == "MyOauthTokenExchangeHandler"
    assert mine.is_enabled


def test_one_handler_has_no_apps_and_one_has_more_than_100(demo):
    handlers = TokenExchangeHandler.objects.filter(org=demo)
    counts = [handler.app_count for handler in handlers]

    assert min(counts) == 0
    assert max(counts) > 100


def test_an_app_is_enabled_for_several_handlers(demo):
    per_app = Enablement.objects.values("app").annotate(number=Count("*"))

    assert per_app.filter(number__gt=1).exists()


def test_counters_equal_the_rows(demo):
    for handler in TokenExchangeHandler.objects.filter(org=demo):
        kinds = list(Enablement.objects.of(handler).values_list("app__kind", flat=True))
        assert handler.connected_count == kinds.count("connected")
        assert handler.external_count == kinds.count("external")


def test_all_rows_could_be_created_in_setup(demo):
    for row in Enablement.objects.select_related("app", "run_as"):
        row.clean()
        assert (row.app_kind, row.app_key) == (row.app.kind, row.app.search_key)
    for model in MODELS:
        for row in model.objects.filter(org=demo):
            keys = {n: v for n, v in vars(row).items() if n.endswith("_key")}
            getattr(row, "set_keys", lambda: None)()
            assert {name: getattr(row, name) for name in keys} == keys
    for user in users(demo):
        user.clean_fields()


def test_the_documented_workflow_succeeds(administrator):
    page = signed_in(administrator)
    url = "/handlers/MyTokenExchangeHandler/"

    for name in ["TokenExchangeApp1", "TokenExchangeApp2"]:
        response = page.get(f"{url}lookup/apps/connected/", {"q": name})
        assert options(response) == [name]
        app = ClientApp.objects.get(api_name=name)
        run_as = User.objects.get(username="integrationuser@mycompany.com")
        data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}
        page.post(f"{url}enable-app/?kind=connected", data)

    assert {"TokenExchangeApp1", "TokenExchangeApp2"} <= set(names(page.get(url)))


def contents(org):
    """Return all rows of an org, without keys and values that each build generates."""
    return {
        "users": sorted(
            users(org).values_list(
                "username", "first_name", "last_name", "email", "profile__kind",
                "alias", "nickname", "language", "email_encoding", "federation_id",
                "is_active", "is_integration_user", "can_sign_in", "name_key",
            )
        ),
        "apps": sorted(
            ClientApp.objects.filter(org=org).values_list(
                "kind", "label", "api_name",
                "allows_token_exchange", "policy_allows_token_exchange",
            )
        ),
        "handlers": sorted(
            TokenExchangeHandler.objects.filter(org=org).values_list(
                "label", "developer_name", "description", "is_enabled",
                *TokenExchangeHandler.TOKEN_TYPES, "allows_user_creation",
                "modified_at", "apex_class__name", "apex_class__body",
                "connected_count", "external_count", "modified_by__username",
            )
        ),
        "enablements": sorted(
            Enablement.objects.filter(org=org).values_list(
                "handler__developer_name", "app__api_name", "app_kind",
                "run_as__username", "is_default", "enabled_at",
            )
        ),
    }  # fmt: skip


def test_every_build_is_the_same_and_takes_few_statements(
    administrator, django_assert_max_num_queries
):
    first = contents(administrator.org)
    remove_org(administrator.org)
    EnablementFactory.create_batch(3)  # The factories' sequences advance.

    with django_assert_max_num_queries(60):
        rebuilt = build_demo_org(password="another password")

    assert contents(rebuilt.org) == first


def test_refuses_a_second_build(administrator):
    with pytest.raises(IntegrityError), transaction.atomic():
        build_demo_org(password=PASSWORD)
    assert Org.objects.count() == 1
