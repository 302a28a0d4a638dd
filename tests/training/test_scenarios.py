"""Scenarios: each that is shipped builds; what is wrong with one is said by its line."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.metadata.deploying import deploy, retrieved
from tests.metadata.deploying import problems as problems_of
from tokenx.handlers.health import health_of
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.models import ComponentMessage, Deployment, Source, Status
from tokenx.org.models import ApexClass, ClientApp, Org, Profile, User
from tokenx.training import build
from tokenx.training.scenario_reading import read_scenario
from tokenx.training.scenario_rows import (
    AppRow,
    ClassRow,
    DeploymentRow,
    EnablementRow,
    FileRow,
    HandlerRow,
    ManyAppsRow,
    OrgRow,
    PeopleRow,
    UserRow,
)
from tokenx.training.scenarios import (
    ScenarioError,
    find_scenario,
    problems,
    scenarios,
)

SLUGS = [
    "first-steps",
    "app-not-found",
    "personal-account",
    "two-handlers-one-default",
    "busy-handler",
    "large-company",
    "broken-deployment",
    "empty",
]
LIGHT = [slug for slug in SLUGS if slug != "large-company"]
# What Health is to find in an org of a scenario.
FINDINGS = {
    "personal-account": {"Run-as users who are people"},
    "two-handlers-one-default": {"Apps with several handlers and no default"},
}


@pytest.fixture
def owner(org):
    return UserFactory(org=org, profile=Profile.SYSTEM_ADMINISTRATOR)


@pytest.fixture
def folder(tmp_path, settings):
    settings.SCENARIOS_DIR = str(tmp_path)
    return tmp_path


def test_these_are_there_in_this_order():
    assert list(scenarios()) == SLUGS
    assert problems() == []


@pytest.mark.parametrize("slug", [slug for slug in LIGHT if slug != "empty"])
def test_what_is_retrieved_from_one_can_be_deployed_to_it(owner, slug):
    build.fill(owner.org, find_scenario(slug), owner=owner)

    deployment = deploy(owner, retrieved(owner.org))

    assert problems_of(deployment) == []
    assert deployment.status == Status.SUCCEEDED


@pytest.mark.parametrize("slug", LIGHT)
def test_each_builds_rows_that_keep_all_rules(owner, slug):
    build.fill(owner.org, find_scenario(slug), owner=owner)

    connection.check_constraints()
    for model in [User, ClientApp, ApexClass, TokenExchangeHandler, Enablement]:
        for row in model.objects.filter(org=owner.org):
            row.full_clean()
    for handler in TokenExchangeHandler.objects.filter(org=owner.org):
        counted = handler.connected_count, handler.external_count
        handler.count_apps()
        assert counted == (handler.connected_count, handler.external_count)


@pytest.mark.parametrize("slug", LIGHT)
def test_health_finds_what_the_scenario_is_about_and_nothing_else(owner, slug):
    build.fill(owner.org, find_scenario(slug), owner=owner)

    found = {check.heading for check in health_of(owner.org)}

    assert found == FINDINGS.get(slug, set())


@pytest.mark.parametrize("slug", LIGHT)
def test_every_page_of_it_opens(owner, slug):
    build.fill(owner.org, find_scenario(slug), owner=owner)
    page = signed_in(owner)

    addresses = ["/", "/handlers/", "/users/", "/training/", "/health/"]
    for handler in TokenExchangeHandler.objects.filter(org=owner.org):
        addresses.append(f"/handlers/{handler.developer_name}/")
    assert {page.get(address).status_code for address in addresses} == {200}


def test_the_busy_handler_has_140_apps_and_free_ones(owner):
    build.fill(owner.org, find_scenario("busy-handler"), owner=owner)

    handler = TokenExchangeHandler.objects.get()
    assert (handler.connected_count, handler.external_count) == (100, 40)
    assert ClientApp.objects.count() == 150


def test_the_broken_deployment_failed_with_reasons_and_can_be_downloaded(owner):
    build.fill(owner.org, find_scenario("broken-deployment"), owner=owner)

    deployment = Deployment.objects.get()
    failures = ComponentMessage.objects.filter(success=False)
    assert deployment.status == "Failed"
    assert "no User named integrationuser@mycompany.com.uat" in failures[0].problem
    assert "switched off in its policies" in failures[1].problem
    assert not TokenExchangeHandler.objects.exists()
    page = signed_in(owner)
    assert page.get(f"/deployments/{deployment.pk}/").status_code == 200
    sent = page.get(f"/deploy/{Source.objects.get().pk}/download/")
    assert b"".join(sent).startswith(b"PK")


def test_a_large_company_is_searched_by_grams(owner, folder):
    text = 'label = "L"\ndescription = "d"\n[people]\ncount = 2_500\n'
    (folder / "largish.toml").write_text(text)

    scenario = find_scenario("largish")
    build.fill(owner.org, scenario, owner=owner)

    org = Org.objects.get()
    assert org.has_user_grams
    assert not org.has_app_grams
    assert not scenario.is_light


def test_it_is_the_same_on_every_build(owner):
    other = UserFactory(profile=Profile.SYSTEM_ADMINISTRATOR)
    UserFactory.create_batch(3, org=other.org)
    names = []
    for each in [owner, other]:
        build.fill(each.org, find_scenario("first-steps"), owner=each)
        users = User.objects.filter(org=each.org, username__contains="@mycompany.com")
        names.append(list(users.order_by("username").values_list("username", "name_key")))

    assert names[0] == names[1]


# --- What is wrong -------------------------------------------------------------------

HEAD = 'label = "L"\ndescription = "d"\n'
USER = '[[users]]\nusername = "a@mycompany.com"\nlast_name = "A"\n'
CLASS = '[[classes]]\nname = "C"\n'
APP = '[[apps]]\nkind = "connected"\nlabel = "App"\n'
HANDLER = '[[handlers]]\nname = "H"\nclass = "C"\ntoken_types = ["jwt"]\n'
ENABLED = '[[enablements]]\nhandler = "H"\napp = "App"\nrun_as = "a@mycompany.com"\n'
ALL = HEAD + USER + CLASS + APP + HANDLER + ENABLED
MANY = '[[many_apps]]\ncount = 2\nkind = "connected"\nlabel = "Store {number}"\n'

WRONG = {
    "": ["t.toml:1: description is missing.", "t.toml:1: label is missing."],
    "label = ": ["t.toml:1: This is not TOML: Invalid value."],
    'label = "a\n': ["t.toml:1: This is not TOML: Illegal character '\\n'."],
    HEAD + "[[apps]\n": ["t.toml:3: This is not TOML:"],
    HEAD + 'lable = "x"\n': ["t.toml:3: lable is not known here. Is it label?"],
    HEAD + "[org]\nnam = 1\n": ["t.toml:4: nam is not known here. Is it name?"],
    HEAD + "xyzzy = 1\n": ["t.toml:3: xyzzy is not known here. Known are label,"],
    HEAD + "[people]\n\ncount = true\n": ["t.toml:5: count has to be a whole number."],
    HEAD + "[people]\ncount = -1\n": ["t.toml:4: count has to be a number from 0 to"],
    HEAD + "[people]\ncount = 9_000_000\n": ["t.toml:4: count has to be a number from"],
    HEAD + "apps = 7\n": ["t.toml:3: apps has to be tables"],
    HEAD + "apps = [7]\n": ["t.toml:3: apps has to be tables"],
    HEAD + "org = []\n": ["t.toml:3: org has to be a table."],
    HEAD + "[org]\nname = ''\n": ["t.toml:4: name: This field cannot be blank."],
    HEAD + f"[org]\nname = '{'x' * 81}'\n": ["t.toml:4: name: Ensure this value has at"],
    HEAD + USER + USER: ["t.toml:7: username a@mycompany.com was there before."],
    HEAD + USER + 'profile = "king"\n': [
        "t.toml:6: profile cannot be 'king': it is one of system_administrator,"
    ],
    HEAD + '[[users]]\nusername = "none"\nlast_name = "A"\n': [
        "t.toml:4: username: Enter a valid email address."
    ],
    HEAD + '[[users]]\nusername = "admin@practice.example"\nlast_name = "A"\n': [
        "t.toml:4: username ends in what others have:"
    ],
    HEAD + APP + APP: ["t.toml:6: api_name app was there before."],
    HEAD + APP + 'api_name = "a b"\n': ["t.toml:6: api_name: "],
    HEAD + APP + 'settings = "yes"\n': ["t.toml:6: settings has to be true or false."],
    HEAD + '[[apps]]\nlabel = "\\u0000"\nkind = "connected"\n': [
        "t.toml:4: label has a NUL in it."
    ],
    HEAD + HANDLER: ["t.toml:5: class 'C' is not in this scenario."],
    HEAD + CLASS + HANDLER.replace("jwt", "jtw"): [
        "t.toml:8: token_types cannot be 'jtw': it is one of access_token,"
    ],
    HEAD + CLASS + HANDLER.replace('"jwt"', "7"): ["t.toml:8: token_types cannot be 7"],
    ALL.replace('app = "App"', 'app = "Ap"'): [
        "t.toml:17: app 'Ap' is not in this scenario. Is it app?"
    ],
    ALL + ENABLED: ["t.toml:19: H is enabled for App before."],
    HEAD + MANY.replace("{number}", "x"): ["t.toml:6: label needs {number}, which"],
    HEAD + MANY + 'handler = "H"\n': [
        "t.toml:3: run_as is missing.",
        "t.toml:7: handler 'H' is not in this scenario.",
    ],
    HEAD + '[users]\nusername = "a"\n': [
        "t.toml:3: users has to be tables: write [[users]] above each."
    ],
    HEAD + 'users = ["a"]\n': ["t.toml:3: users has to be tables"],
    HEAD + MANY.replace(" {number}", ""): ["t.toml:6: label needs {number}"],
    HEAD + MANY + MANY: ["t.toml:10: Another app has the API name store_001."],
    HEAD + '[[deployments]]\nname = "x.zip"\n': ["t.toml:3: files is missing."],
    HEAD + '[[deployments]]\nname = "x.zip"\n[[deployments.files]]\npath = "a"\n': [
        "t.toml:5: text is missing."
    ],
    # Every problem at once, in the order of the lines.
    HEAD + 'a = """\nb = 1\n"""\n[org]\nc = 2\n[[users]]\nd = 3\n': [
        "t.toml:3: a is not known here.",
        "t.toml:7: c is not known here.",
        "t.toml:8: last_name is missing.",
        "t.toml:8: username is missing.",
        "t.toml:9: d is not known here.",
    ],
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said_by_its_line(text):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(text, slug="t", file="t.toml")

    said = str(refused.value).splitlines()
    assert len(said) == len(WRONG[text]), said
    for line, beginning in zip(said, WRONG[text], strict=True):
        assert line.startswith(beginning)


def test_a_second_default_is_refused():
    other = HANDLER.replace('"H"', '"G"') + ENABLED.replace('"H"', '"G"')
    text = f"{ALL}default = true\n{other}default = true\n"

    with pytest.raises(ScenarioError, match=r"t.toml:24: App has a default handler before"):
        read_scenario(text, slug="t", file="t.toml")


def test_all_that_is_right_is_read(owner):
    scenario = read_scenario(ALL, slug="t", file="t.toml")

    build.fill(owner.org, scenario, owner=owner)

    assert str(Enablement.objects.get()) == "App for H"


# --- A trainer's own -----------------------------------------------------------------


def test_a_trainers_own_are_offered_too_and_take_the_place_of_shipped_ones(folder):
    (folder / "mine.toml").write_text(HEAD)
    (folder / "empty.toml").write_text(HEAD)

    assert scenarios()["mine"].label == "L"
    assert scenarios()["empty"].label == "L"


def test_a_file_that_changed_is_read_again(folder):
    file = folder / "mine.toml"
    file.write_text(HEAD)
    assert scenarios()["mine"].label == "L"

    file.write_text('label = "Longer"\ndescription = "d"\n')

    assert scenarios()["mine"].label == "Longer"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mine.toml", b"\xff", "mine.toml:1: This is not UTF-8."),
        ("Mine_1.toml", HEAD.encode(), "Mine_1.toml:1: Its name has to be small letters"),
        ("demo.toml", HEAD.encode(), "demo.toml:1: Its name has to be small letters"),
        ("mine.toml", b"#" * 1_000_001, "mine.toml:1: This is too large"),
    ],
)
def test_a_file_that_is_none_is_left_out_and_told(folder, name, content, said):
    (folder / name).write_bytes(content)

    assert list(scenarios()) == SLUGS
    assert str(problems()[0]).startswith(said)
    with pytest.raises(ScenarioError, match=said[:10]):
        find_scenario(name.removesuffix(".toml"))


def test_a_folder_that_is_not_there_is_told(folder, settings):
    settings.SCENARIOS_DIR = str(folder / "none")

    assert list(scenarios()) == SLUGS
    [problem] = problems()
    assert str(problem) == f"{folder / 'none'}:1: This is no folder, although " + (
        "TOKENX_SCENARIOS names it."
    )


def test_an_unknown_scenario_is_said_to_be_none():
    with pytest.raises(ScenarioError, match="There is no scenario of this name"):
        find_scenario("../../secret")


def test_the_command_checks_a_file_and_all_that_there_are(folder, capsys):
    call_command("check_scenarios")
    assert "Nothing is wrong." in capsys.readouterr().out

    (folder / "mine.toml").write_text("x = 1")
    with pytest.raises(CommandError, match=r"mine.toml:1: x is not known"):
        call_command("check_scenarios", folder / "mine.toml")
    with pytest.raises(CommandError, match=r"mine.toml:1: label is missing"):
        call_command("check_scenarios")


# --- The document --------------------------------------------------------------------

DOCUMENT = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_of_the_document_is_right(owner, text):
    build.fill(owner.org, read_scenario(text, slug="t", file="t.toml"), owner=owner)

    connection.check_constraints()
    statuses = list(Deployment.objects.values_list("status", flat=True))
    assert statuses == (["Failed"] if "[[deployments]]" in text else [])


def test_the_document_knows_every_scenario_and_every_key():
    words = set(re.findall(r"`\[*(.*?)\]*`", DOCUMENT))
    rows = [OrgRow, PeopleRow, UserRow, ClassRow, AppRow, HandlerRow, EnablementRow]
    rows += [ManyAppsRow, DeploymentRow, FileRow]
    keys = {each.metadata.get("key", each.name) for row in rows for each in fields(row)}

    # The files of a deployment are a table, which has a name of its own.
    assert {*SLUGS, *keys} - {"files"} <= words
