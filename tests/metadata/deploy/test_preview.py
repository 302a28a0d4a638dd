"""Differences: the changes that a deployment would make."""

from dataclasses import replace

import pytest

from tests.factories import TokenExchangeHandlerFactory
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.deploy import preview as module
from tokenx.metadata.deploy.preview import differences
from tokenx.metadata.deploy.uploads import read_source
from tokenx.metadata.format.definitions import (
    ExternalAppGlobalSettings,
    ExternalAppPolicies,
    UnknownElement,
)

from .deploying import (
    apex_class,
    connected_app,
    deletions,
    deploy,
    enabled,
    external_app,
    files_of,
    handler,
    outcomes,
    package,
    ready_for_handlers,
    receive,
)

HANDLER = "OauthTokenExchangeHandler"


@pytest.fixture(autouse=True)
def apps(org):
    return ready_for_handlers(org, "Billing", "Shop")


def differ(by, files):
    files = package(*files) if isinstance(files, list) else files
    return differences(read_source(receive(by, files)), by)


def verbs(differences):
    return {each.full_name: each.verb for each in differences}


def fields(difference):
    return {each.element: (each.before, each.after) for each in difference.fields}


def app_changes(difference):
    return {(each.verb, each.kind, each.app) for each in difference.apps}


def test_a_new_component_is_created_with_all_of_its_elements(admin):
    [difference] = differ(admin, [handler("Mine", "Billing", description="Checks")])

    assert (difference.verb, difference.type_name, difference.full_name) == (
        "create",
        HANDLER,
        "Mine",
    )
    assert fields(difference)["description"] == (None, "Checks")
    assert fields(difference)["isJwtSupported"] == (None, "true")
    assert app_changes(difference) == {("added", "connectedApp", "Billing")}


def test_a_change_is_listed_element_by_element(admin):
    deploy(admin, [handler("Mine", is_protected=True)])

    wanted = handler("Mine", label="New", is_enabled=False)
    [difference] = differ(admin, [wanted])

    assert difference.verb == "change"
    assert fields(difference) == {
        "isEnabled": ("true", "false"),
        "isProtected": ("true", None),
        "masterLabel": ("Mine", "New"),
    }
    assert TokenExchangeHandler.objects.get().label == "Mine"


def test_apps_are_listed_one_by_one(admin):
    deploy(admin, [handler("Mine", "Billing", "Shop")])

    wanted = handler("Mine", enabled("Billing", is_default=True), enabled("Gone"))
    [difference] = differ(admin, [wanted])

    assert (difference.verb, difference.fields) == ("change", [])
    assert app_changes(difference) == {
        ("changed", "connectedApp", "Billing"),
        ("added", "connectedApp", "Gone"),
        ("removed", "connectedApp", "Shop"),
    }


def test_lists_the_first_of_many_apps_and_counts_the_others(admin):
    for others in (0, 50):
        apps = [f"App{n}" for n in range(module.MAX_LISTED + others)]

        [difference] = differ(admin, [handler("Mine", *apps)])

        assert (len(difference.apps), difference.more_apps) == (module.MAX_LISTED, others)


ONE_OF_EACH = [
    ("ShopTokens", apex_class(unknown_elements=(UnknownElement("packageVersions", "1"),))),
    ("Billing", connected_app(config={"scopes": ("Api", "Web")})),
    ("Portal", external_app()),
    ("Portal_glbloauth", ExternalAppGlobalSettings(app="Portal", requires_secret=True)),
    handler("Mine", "Billing"),
]


def test_predicts_the_outcome_of_the_deployment(admin):
    verb_of = {"Created": "create", "Changed": "change", "Unchanged": "same"}
    others = [
        ("ShopTokens", apex_class(status="Inactive")),
        ("Billing", connected_app("Bills", config={"scopes": ("Api",)})),
        ("Portal", external_app(description="New")),
        ("Portal_glbloauth", ExternalAppGlobalSettings(app="Portal")),
        handler("Mine", "Shop"),
    ]
    for components in (ONE_OF_EACH, ONE_OF_EACH, others, others):
        compared = verbs(differ(admin, components))
        done = outcomes(deploy(admin, components))

        assert compared == {name: verb_of[outcome] for name, outcome in done.items()}


def test_another_spelling_is_not_a_difference(admin):
    deploy(admin, ONE_OF_EACH)
    portal = ExternalAppGlobalSettings(app="Portal", requires_secret=True)
    written = [
        ("Billing", connected_app(description="", config={"scopes": ("Api", "Web")})),
        ("Portal", external_app(description="")),
        ("Portal_glbloauth", replace(portal, allows_token_exchange=False)),
        ("Portal_oauthPlcy", ExternalAppPolicies(app="Portal")),
    ]
    deploy(admin, written[-1:])
    written[-1] = (
        "Portal_oauthPlcy",
        ExternalAppPolicies(app="Portal", permitted_users="AllSelfAuthorized"),
    )

    assert set(verbs(differ(admin, written)).values()) == {"same"}
    assert set(outcomes(deploy(admin, written)).values()) == {"Unchanged"}


def test_unused_elements_are_compared_too(admin):
    deploy(admin, ONE_OF_EACH)
    wanted = connected_app(
        config={"scopes": ("Api", "Full")},
        unknown_elements=(UnknownElement("x", (UnknownElement("a", "1"),)),),
    )

    [difference] = differ(admin, [("Billing", wanted)])

    assert fields(difference) == {
        "oauthConfig.scopes": ("Api, Web", "Api, Full"),
        "x": (None, "a: 1"),
    }


def test_code_is_compared_as_a_whole(admin, org):
    changed = apex_class(body="public class ShopTokens {}", api_version="67.0")

    [difference] = differ(admin, [("ShopTokens", changed)])

    assert fields(difference)["(code)"] == (apex_class().body, "public class ShopTokens {}")


def test_a_secret_is_never_shown(admin):
    name = "connectedApps/Billing.connectedApp"
    [data] = files_of(("Billing", connected_app())).values()
    content = data.replace(
        b"</oauthConfig>", b"<consumerSecret>hush</consumerSecret></oauthConfig>"
    )

    [difference] = differ(admin, {name: content})
    assert fields(difference)["oauthConfig.consumerSecret"] == (None, "(a secret)")

    deploy(admin, {name: content})
    [difference] = differ(admin, {name: content})
    assert (difference.verb, difference.fields) == ("same", [])


# --- Deletions and problems ------------------------------------------------------------


def test_deletions(admin, org):
    TokenExchangeHandlerFactory(org=org, developer_name="Mine")

    existing, missing = differ(admin, deletions(**{HANDLER: ["Mine", "Gone"]}))

    assert (existing.full_name, existing.verb) == ("Mine", "delete")
    assert (missing.verb, missing.problems) == ("same", [f"No {HANDLER} named: Gone found"])


def test_a_component_deleted_first_is_created_again(admin):
    deploy(admin, [handler("Mine", "Billing")])
    deletion_manifest = deletions(**{HANDLER: ["Mine"]})["destructiveChanges.xml"]
    files = package(
        handler("Mine", "Billing"), **{"destructiveChanges.xml": deletion_manifest}
    )

    deleted, created = differ(admin, files)

    assert (deleted.verb, created.verb) == ("delete", "create")
    assert app_changes(created) == {("added", "connectedApp", "Billing")}
    assert outcomes(deploy(admin, files))["Mine"] == "Created"


def test_a_component_can_be_created_and_deleted_afterward(admin):
    name = "destructiveChangesPost.xml"
    deletion_manifest = deletions(name, **{HANDLER: ["Mine", "Gone"]})[name]
    files = package(handler("Mine"), **{name: deletion_manifest})

    created, deleted, absent = differ(admin, files)

    assert (created.verb, deleted.verb, absent.verb) == ("create", "delete", "same")
    assert not deleted.problems


def test_a_class_with_the_status_deleted_is_deleted(admin):
    [difference] = differ(admin, [("ShopTokens", apex_class(status="Deleted"))])

    assert (difference.verb, difference.fields) == ("delete", [])


def test_deleting_a_missing_class_by_its_status_is_a_problem(admin):
    [difference] = differ(admin, [("Gone", apex_class("Gone", status="Deleted"))])

    assert difference.verb == "invalid"
    assert difference.problems == ["No ApexClass named: Gone found"]


def test_an_unreadable_file_is_a_problem(admin):
    files = files_of(handler("Mine"), handler("Yours"))
    mine, _ = files
    files[mine] = files[mine].replace(b"</masterLabel>", b"</masterLable>")

    wrong, right = differ(admin, files)

    assert (wrong.verb, right.verb) == ("invalid", "create")
    assert "must be terminated by the matching end-tag" in wrong.problems[0]
    assert wrong.file_name == mine


def test_problems_of_the_package_come_first(admin):
    files = package(handler("Mine"), ("Half", apex_class("Half")))
    del files["classes/Half.cls-meta.xml"]

    wrong, right = differ(admin, files)

    assert (wrong.full_name, wrong.verb) == ("Half", "invalid")
    assert right.verb == "create"


def test_another_orgs_handler_is_ignored(admin):
    TokenExchangeHandlerFactory(developer_name="Mine")

    assert verbs(differ(admin, [handler("Mine")])) == {"Mine": "create"}


def test_takes_two_queries_for_any_number_of_apps(admin, django_assert_num_queries):
    deploy(admin, [handler("Mine", "Billing")])
    few, many = (
        read_source(receive(admin, package(handler("Mine", *apps))))
        for apps in (["Billing"], [f"App{n}" for n in range(1_000)])
    )
    for read in (few, many):
        with django_assert_num_queries(2):
            differences(read, admin)


def test_names_match_in_any_case(admin):
    deploy(admin, [handler("Mine", "Billing")])
    wanted = replace(
        handler("Mine", enabled("BILLING", run_as="Inga@mycompany.example")),
        apex_class="ShopTokens",
    )

    assert verbs(differ(admin, [wanted])) == {"Mine": "same"}
