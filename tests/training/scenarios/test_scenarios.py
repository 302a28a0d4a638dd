"""Scenarios: the built-in ones, validation errors with line numbers, and custom files."""

import re
from typing import get_args

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.conftest import signed_in
from tests.factories import OrgFactory, UserFactory
from tests.metadata.deploy.deploying import deploy, retrieved
from tests.metadata.deploy.deploying import problems as problems_of
from tests.paths import ROOT
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.models import ComponentMessage, Deployment, Source, Status
from tokenx.org.models import ApexClass, BuiltInProfile, ClientApp, Org, User
from tokenx.org.search import grams
from tokenx.setup.health import health_of
from tokenx.training.scenarios import build
from tokenx.training.scenarios import scenario as scenario_module
from tokenx.training.scenarios.apex_classes import KINDS
from tokenx.training.scenarios.catalogue import (
    ScenarioError,
    find_scenario,
    problems,
    scenarios,
)
from tokenx.training.scenarios.reader import read_scenario
from tokenx.training.scenarios.scenario import ScenarioFile

SLUGS = [
    "first-steps",
    "app-not-found",
    "user-not-approved",
    "personal-account",
    "two-handlers-one-default",
    "busy-handler",
    "large-company",
    "broken-deployment",
    "empty",
]
LIGHT = [slug for slug in SLUGS if slug != "large-company"]
# The headings that Health shows in an org of a scenario.
FINDINGS = {
    "user-not-approved": {"Apps that no user can use"},
    "personal-account": {"Personal accounts used as Run As User"},
    "two-handlers-one-default": {"Apps without a default handler"},
}


@pytest.fixture(scope="module")
def built(module_db):
    """Build an org of each light scenario for all tests of this module."""
    owners = {slug: new_owner() for slug in LIGHT}
    for slug, owner in owners.items():
        build.fill(owner.org, find_scenario(slug), owner=owner)
    return owners


@pytest.fixture
def owners(built, db):
    """Get the owners of the light scenarios' orgs, by scenario."""
    people = User.objects.select_related("org")
    return {slug: people.get(pk=owner.pk) for slug, owner in built.items()}


@pytest.fixture
def owner(db):
    return new_owner()


def new_owner():
    return UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)


@pytest.fixture
def folder(tmp_path, settings):
    settings.SCENARIOS_DIR = str(tmp_path)
    return tmp_path


def test_the_built_in_scenarios_are_in_this_order():
    assert list(scenarios()) == SLUGS
    assert problems() == []


def test_a_scenarios_files_can_be_retrieved_and_deployed_again(owners, subtests):
    for slug, owner in owners.items():
        if slug != "empty":
            with subtests.test(slug=slug), rolled_back():
                deployment = deploy(owner, retrieved(owner.org))

                assert problems_of(deployment) == []
                assert deployment.status == Status.SUCCEEDED


def test_scenarios_build_valid_rows(owners, subtests):
    connection.check_constraints()
    for slug, owner in owners.items():
        with subtests.test(slug=slug):
            for model in [User, ClientApp, ApexClass, TokenExchangeHandler, Enablement]:
                for row in model.objects.filter(org=owner.org).select_related():
                    # The database enforces the constraints.
                    row.full_clean(validate_unique=False, validate_constraints=False)
            for handler in TokenExchangeHandler.objects.filter(org=owner.org):
                counted = handler.connected_count, handler.external_count
                handler.count_apps()
                assert counted == (handler.connected_count, handler.external_count)


def test_health_finds_the_scenarios_problems_and_nothing_else(owners, subtests):
    for slug, owner in owners.items():
        with subtests.test(slug=slug):
            headings = {check.heading for check in health_of(owner.org)}

            assert headings == FINDINGS.get(slug, set())


def test_every_page_of_a_scenario_opens(owners, subtests):
    for slug, owner in owners.items():
        page = signed_in(owner)
        addresses = ["/", "/handlers/", "/users/", "/training/", "/health/"]
        for handler in TokenExchangeHandler.objects.filter(org=owner.org):
            addresses.append(f"/handlers/{handler.developer_name}/")
        for address in addresses:
            with subtests.test(slug=slug, address=address):
                assert page.get(address).status_code == 200


def test_the_busy_handler_has_140_apps_and_the_org_has_10_more(owners):
    org = owners["busy-handler"].org

    handler = TokenExchangeHandler.objects.get(org=org)
    assert (handler.connected_count, handler.external_count) == (100, 40)
    assert ClientApp.objects.filter(org=org).count() == 150


def test_the_broken_deployment_failed_with_reasons_and_can_be_downloaded(owners):
    owner = owners["broken-deployment"]

    deployment = Deployment.objects.get(org=owner.org)
    failures = ComponentMessage.objects.filter(org=owner.org, success=False)
    failures = failures.order_by("number")
    assert deployment.status == "Failed"
    assert "no User named integrationuser@mycompany.com.uat" in failures[0].problem
    assert "turned off in its policies" in failures[1].problem
    assert not TokenExchangeHandler.objects.filter(org=owner.org).exists()
    page = signed_in(owner)
    assert page.get(f"/deployments/{deployment.pk}/").status_code == 200
    download = page.get(f"/deploy/{Source.objects.get(org=owner.org).pk}/download/")
    assert b"".join(download).startswith(b"PK")


@pytest.mark.parametrize("limit", [20, pytest.param(2_000, marks=pytest.mark.slow)])
def test_a_large_company_has_an_index_of_its_users(owner, folder, limit, monkeypatch):
    monkeypatch.setattr(grams, "WALKABLE", limit)
    monkeypatch.setattr(scenario_module, "MAX_LIGHT", limit)
    text = f'label = "L"\ndescription = "d"\n[people]\ncount = {limit + 1}\n'
    (folder / "largish.toml").write_text(text)

    scenario = find_scenario("largish")
    build.fill(owner.org, scenario, owner=owner)

    org = Org.objects.get(pk=owner.org_id)
    assert org.has_user_grams
    assert not org.has_app_grams
    assert not scenario.is_light


def test_every_build_is_the_same(owner):
    other = new_owner()
    UserFactory.create_batch(3, org=other.org)
    names = []
    for user in [owner, other]:
        build.fill(user.org, find_scenario("first-steps"), owner=user)
        users = User.objects.filter(org=user.org, username__contains="@mycompany.com")
        names.append(list(users.order_by("username").values_list("username", "name_key")))

    assert names[0] == names[1]


def test_users_have_custom_profiles_and_the_other_fields(owner):
    text = (
        'label = "L"\ndescription = "d"\n[[profiles]]\nname = "Partners"\n'
        '[[users]]\nusername = "a@mycompany.com"\nlast_name = "A"\nprofile = "partners"\n'
        'alias = "al"\nnickname = "nick"\nlanguage = "de"\nemail_encoding = "Big5"\n'
        'federation_id = "E-1"\n'
        '[[users]]\nusername = "b@mycompany.com"\nlast_name = "B"\nprofile = "Admin"\n'
    )

    build.fill(owner.org, read_scenario(text, slug="t", file="t.toml"), owner=owner)

    users = User.objects.filter(org=owner.org).select_related("profile")
    first = users.get(username="a@mycompany.com")
    assert first.profile.name == "Partners"
    assert (first.alias, first.nickname) == ("al", "nick")
    assert (first.language, first.email_encoding) == ("de", "Big5")
    assert first.federation_id == "E-1"
    second = users.get(username="b@mycompany.com")
    assert (second.profile.kind, second.alias) == ("admin", "b")


def test_nicknames_of_a_scenario_win_and_others_get_a_number(owner):
    owner.nickname = "Ada"
    owner.save()
    text = (
        'label = "L"\ndescription = "d"\n'
        '[[users]]\nusername = "bob@one.example"\nlast_name = "B"\n'
        '[[users]]\nusername = "bob@two.example"\nlast_name = "B"\n'
        '[[users]]\nusername = "c@mycompany.com"\nlast_name = "C"\nnickname = "ada"\n'
    )

    build.fill(owner.org, read_scenario(text, slug="t", file="t.toml"), owner=owner)

    found = User.objects.filter(org=owner.org).exclude(pk=owner.pk).order_by("username")
    assert [user.nickname for user in found] == ["bob", "bob2", "ada"]
    given = owner.nickname
    owner.refresh_from_db()
    assert owner.nickname == given != "Ada"


# --- Validation ----------------------------------------------------------------------

HEAD = 'label = "L"\ndescription = "d"\n'
USER = '[[users]]\nusername = "a@mycompany.com"\nlast_name = "A"\n'
CLASS = '[[classes]]\nname = "C"\n'
APP = '[[apps]]\nkind = "connected"\nlabel = "App"\n'
HANDLER = '[[handlers]]\nname = "H"\nclass = "C"\ntoken_types = ["jwt"]\n'
ENABLED = '[[enablements]]\nhandler = "H"\napp = "App"\nrun_as = "a@mycompany.com"\n'
ALL = HEAD + USER + CLASS + APP + HANDLER + ENABLED
MANY = '[[many_apps]]\ncount = 2\nkind = "connected"\nlabel = "Store {number}"\n'

INVALID = {
    "": ["t.toml:1: description is missing.", "t.toml:1: label is missing."],
    "label = ": ["t.toml:1: This isn't valid TOML: Invalid value."],
    'label = "a\n': ["t.toml:1: This isn't valid TOML: Illegal character '\\n'."],
    HEAD + "[[apps]\n": ["t.toml:3: This isn't valid TOML:"],
    HEAD + 'lable = "x"\n': ["t.toml:3: lable isn't a known key. Did you mean label?"],
    HEAD + "[org]\nnam = 1\n": ["t.toml:4: nam isn't a known key. Did you mean name?"],
    HEAD + "xyzzy = 1\n": ["t.toml:3: xyzzy isn't a known key. Known keys: label,"],
    HEAD + "[people]\n\ncount = true\n": ["t.toml:5: count must be a whole number."],
    HEAD + "[people]\ncount = -1\n": ["t.toml:4: count must be at least 0."],
    HEAD + "[people]\ncount = 9_000_000\n": ["t.toml:4: count must be at most 1,000,000."],
    HEAD + "apps = 7\n": ["t.toml:3: apps must be a list of tables"],
    HEAD + "apps = [7]\n": ["t.toml:3: apps must be a list of tables"],
    HEAD + "org = []\n": ["t.toml:3: org must be a table."],
    HEAD + "[org]\nname = ''\n": [
        "t.toml:4: name isn't valid: This field cannot be blank."
    ],
    HEAD + f"[org]\nname = '{'x' * 81}'\n": [
        "t.toml:4: name isn't valid: Ensure this value has at"
    ],
    HEAD + USER + USER: ["t.toml:7: username a@mycompany.com is already used."],
    HEAD + USER + 'profile = "king"\n': [
        "t.toml:6: profile ('king') isn't one of system_administrator,"
    ],
    HEAD + '[[profiles]]\nname = "Admin"\n': [
        "t.toml:4: name ('Admin') isn't valid: This is the name of a built-in profile."
    ],
    HEAD + '[[profiles]]\nname = "P"\n[[profiles]]\nname = "p"\n': [
        "t.toml:6: name p is already used."
    ],
    HEAD + USER + 'language = "tlh"\n': ["t.toml:6: language ('tlh') isn't valid: Enter a"],
    HEAD + USER + 'alias = "too long!"\n': ["t.toml:6: alias isn't valid: Ensure this"],
    HEAD
    + USER
    + 'federation_id = "E"\n'
    + USER.replace("a@", "b@")
    + 'federation_id = "E"\n': ["t.toml:10: federation_id E is already used."],
    HEAD
    + USER
    + 'nickname = "nick"\n'
    + USER.replace("a@", "b@")
    + 'nickname = "Nick"\n': ["t.toml:10: nickname Nick is already used."],
    HEAD + '[[users]]\nusername = "none"\nlast_name = "A"\n': [
        "t.toml:4: username isn't valid: Enter a valid email address."
    ],
    HEAD + '[[users]]\nusername = "admin@practice.example"\nlast_name = "A"\n': [
        "t.toml:4: username can't end in @mycompany.example,"
    ],
    HEAD + APP + APP: ["t.toml:6: api_name app is already used."],
    HEAD + APP + 'api_name = "a b"\n': ["t.toml:6: api_name isn't valid: "],
    HEAD + APP + 'settings = "yes"\n': ["t.toml:6: settings must be true or false."],
    HEAD + '[[apps]]\nlabel = "\\u0000"\nkind = "connected"\n': [
        "t.toml:4: label contains a NUL character."
    ],
    HEAD + HANDLER: ["t.toml:5: class 'C' isn't in this scenario."],
    HEAD + CLASS + HANDLER.replace("jwt", "jtw"): [
        "t.toml:8: token_types ('jtw') isn't one of access_token,"
    ],
    HEAD + CLASS + HANDLER.replace('"jwt"', "7"): ["t.toml:8: token_types must be text."],
    ALL.replace('app = "App"', 'app = "Ap"'): [
        "t.toml:17: app 'Ap' isn't in this scenario. Did you mean app?"
    ],
    ALL + ENABLED: ["t.toml:21: app App is already enabled for H."],
    HEAD + MANY.replace("{number}", "x"): ["t.toml:6: label must contain {number}, which"],
    HEAD + MANY + 'handler = "H"\n': [
        "t.toml:3: run_as is missing.",
        "t.toml:7: handler 'H' isn't in this scenario.",
    ],
    HEAD + '[users]\nusername = "a"\n': [
        "t.toml:3: users must be a list of tables. Write [[users]] above each."
    ],
    HEAD + 'users = ["a"]\n': ["t.toml:3: users must be a list of tables"],
    HEAD + MANY.replace(" {number}", ""): ["t.toml:6: label must contain {number}"],
    HEAD + MANY + MANY: ["t.toml:10: label gives an app the API name store_001, which"],
    HEAD + '[[deployments]]\nname = "x.zip"\n': ["t.toml:3: files is missing."],
    HEAD + '[[deployments]]\nname = "x.zip"\n[[deployments.files]]\npath = "a"\n': [
        "t.toml:5: text is missing."
    ],
    HEAD + "[people]\ndomain = 'no domain'\n": ["t.toml:4: domain isn't valid: Enter a"],
    HEAD + USER.replace("a@", "a.7@") + "[people]\ndomain = 'mycompany.com'\n": [
        "t.toml:4: username can't end in a number, which"
    ],
    HEAD + "[app_defaults]\nscopes = ['api', 'x']\n": ["t.toml:4: scopes ('x') isn't one"],
    HEAD + "[app_defaults]\nmodified_at = 2026-01-01\n": [
        "t.toml:4: modified_at ('2026-01-01') isn't a time with a time zone."
    ],
    HEAD + "[app_defaults]\ncontact_email = 'x'\n": [
        "t.toml:4: contact_email isn't valid:"
    ],
    ALL + MANY + 'handler = "H"\nrun_as_any_of = ["a@mycompany.com", "b"]\n': [
        "t.toml:24: run_as_any_of 'b' isn't in this scenario."
    ],
    ALL
    + MANY
    + 'handler = "H"\nrun_as = "a@mycompany.com"\nrun_as_any_of = ["a@mycompany.com"]\n': [
        "t.toml:24: run_as can't be used together with run_as_any_of."
    ],
    # Hostile files are refused in a short time.
    f"a = {'[' * 100_000}": ["t.toml:1: The values in this file are nested too deeply."],
    f"a{'.a' * 100_000} = 1": ["t.toml:1: This line has more than 500 dots."],
    f"a = {'9' * 10_000}": ["t.toml:1: This file contains a number that's too large."],
    "".join(f"k{number} = 1\n" for number in range(1_000)): [
        "t.toml:1: The file has too many keys."
    ],
    # All problems together, in the order of their lines.
    HEAD + 'a = """\nb = 1\n"""\n[org]\nc = 2\n[[users]]\nd = 3\n': [
        "t.toml:3: a isn't a known key.",
        "t.toml:7: c isn't a known key.",
        "t.toml:8: last_name is missing.",
        "t.toml:8: username is missing.",
        "t.toml:9: d isn't a known key.",
    ],
}


def test_problems_are_reported_with_their_lines(subtests):
    for text, beginnings in INVALID.items():
        with subtests.test(text=text):
            with pytest.raises(ScenarioError) as refused:
                read_scenario(text, slug="t", file="t.toml")

            lines = str(refused.value).splitlines()
            assert len(lines) == len(beginnings), lines
            for line, beginning in zip(lines, beginnings, strict=True):
                assert line.startswith(beginning)


def test_a_second_default_is_refused():
    other = HANDLER.replace('"H"', '"G"') + ENABLED.replace('"H"', '"G"')
    text = f"{ALL}default = true\n{other}default = true\n"

    with pytest.raises(ScenarioError, match=r"t.toml:28: default can't be true: App"):
        read_scenario(text, slug="t", file="t.toml")


def test_a_valid_scenario_is_read_and_built(owner):
    scenario = read_scenario(ALL, slug="t", file="t.toml")

    build.fill(owner.org, scenario, owner=owner)

    assert str(Enablement.objects.get(org=owner.org)) == "App for H"


# --- Custom files --------------------------------------------------------------------


def test_custom_scenarios_are_offered_and_override_built_in_ones(folder):
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


def test_an_unreadable_file_is_skipped_and_reported(folder, subtests):
    for name, content, beginning in [
        ("mine.toml", b"\xff", "mine.toml:1: Save the file as UTF-8."),
        ("Mine_1.toml", HEAD.encode(), "Mine_1.toml:1: Use lowercase letters, digits,"),
        ("demo.toml", HEAD.encode(), "demo.toml:1: Use lowercase letters, digits,"),
        ("mine.toml", b"#" * 1_000_001, "mine.toml:1: The file is too large"),
    ]:
        with subtests.test(beginning=beginning):
            (folder / name).write_bytes(content)

            assert list(scenarios()) == SLUGS
            assert [str(problem).startswith(beginning) for problem in problems()] == [True]
            with pytest.raises(ScenarioError, match=beginning[:10]):
                find_scenario(name.removesuffix(".toml"))
            (folder / name).unlink()


def test_a_missing_folder_is_reported(folder, settings):
    settings.SCENARIOS_DIR = str(folder / "none")

    assert list(scenarios()) == SLUGS
    [problem] = problems()
    assert str(problem) == f"{folder / 'none'}:1: TOKENX_SCENARIOS doesn't name a folder."


def test_an_unknown_scenario_is_refused():
    with pytest.raises(ScenarioError, match="No scenario has this name"):
        find_scenario("../../secret")


def test_the_command_checks_one_file_or_all_files(folder, capsys):
    call_command("check_scenarios")
    assert "No problems found." in capsys.readouterr().out

    (folder / "mine.toml").write_text("x = 1")
    with pytest.raises(CommandError, match=r"mine.toml:1: x isn't a known key"):
        call_command("check_scenarios", folder / "mine.toml")
    with pytest.raises(CommandError, match=r"mine.toml:1: label is missing"):
        call_command("check_scenarios")


# --- The document --------------------------------------------------------------------

DOCUMENT = (ROOT / "docs" / "scenarios.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_documents_examples_are_valid(owner, subtests):
    assert EXAMPLES
    for text in EXAMPLES:
        with subtests.test(text=text), rolled_back():
            build.fill(owner.org, read_scenario(text, slug="t", file="t.toml"), owner=owner)

            connection.check_constraints()
            deployments = Deployment.objects.filter(org=owner.org)
            statuses = list(deployments.values_list("status", flat=True))
            assert statuses == (["Failed"] if "[[deployments]]" in text else [])


def test_the_document_names_every_scenario_and_every_key():
    documented = set(re.findall(r"`\[*(.*?)\]*`", DOCUMENT))

    # The files of a deployment are a table with its own name.
    assert {*SLUGS, *KINDS, *keys_of(ScenarioFile)} - {"files"} <= documented


def keys_of(model):
    """Yield the keys of a table and of the tables in it."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for annotation in [field.annotation, *get_args(field.annotation)]:
            if hasattr(annotation, "model_fields"):
                yield from keys_of(annotation)
