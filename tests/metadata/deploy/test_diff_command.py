"""`manage.py diff`: the changes that a deployment would make, by element and by app."""

import io
import sys

import pytest

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    TokenExchangeHandlerFactory,
)
from tests.metadata.commands import FOLDER, SUFFIX, handler_file, manifest, put, run
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.models import Source
from tokenx.org.models import ApexClass

INGA, OTTO = "inga@mycompany.example", "otto@mycompany.example"


@pytest.fixture
def shop(org, admin):
    """Create a handler with two apps."""
    handler = TokenExchangeHandlerFactory(
        org=org,
        label="Shop",
        developer_name="Shop",
        description="",
        apex_class=ApexClassFactory(org=org, name="ShopTokens"),
        modified_by=admin,
    )
    inga = IntegrationUserFactory(org=org, username=INGA)
    IntegrationUserFactory(org=org, username=OTTO)
    for label in ("Billing", "Scanner"):
        app = ClientAppFactory(org=org, label=label)
        EnablementFactory(handler=handler, app=app, run_as=inga)
    ClientAppFactory(org=org, label="Fresh")
    return handler


@pytest.fixture
def file_of(shop, tmp_path):
    """Return a function that writes the handler's file with a test's changes."""

    def write_file(*enablements, apex_class="ShopTokens", **changes):
        wanted = enablements or (("Billing", INGA, False), ("Scanner", INGA, False))
        same = {"allows_contact_creation": None, "is_protected": None}
        content = handler_file("Shop", apex_class, *wanted, **{**same, **changes})
        return put(tmp_path, f"Shop{SUFFIX}", content)

    return write_file


def test_reports_that_nothing_would_change(file_of):
    ran = run("diff", file_of())

    assert ran.status == 0
    assert ran.out == "Compared 1 component: 1 unchanged.\n"


def test_shows_changes_field_by_field(file_of):
    ran = run("diff", file_of(label="Shops", supports_jwt=False))

    assert ran.status == 1
    assert ran.lines == [
        "Change: OauthTokenExchangeHandler Shop",
        "  - isJwtSupported: true",
        "  + isJwtSupported: false",
        "  - masterLabel: Shop",
        "  + masterLabel: Shops",
        "",
        "Compared 1 component: 1 to change.",
    ]


def test_shows_changes_app_by_app(file_of):
    ran = run("diff", file_of(("Billing", OTTO, True), ("Fresh", INGA, False)))

    assert ran.status == 1
    assert ran.lines[1:-2] == [
        f"  - connectedApp Billing: runs as {INGA}",
        f"  + connectedApp Billing: runs as {OTTO}, default handler",
        f"  + connectedApp Fresh: runs as {INGA}",
        f"  - connectedApp Scanner: runs as {INGA}",
    ]


def test_shows_new_components(file_of, tmp_path):
    path = put(tmp_path, f"New{SUFFIX}", handler_file("New"))

    ran = run("diff", path)

    assert ran.status == 1
    assert ran.lines[0] == "Create: OauthTokenExchangeHandler New"
    assert "  + masterLabel: New" in ran.lines
    assert ran.lines[-1] == "Compared 1 component: 1 to create."


def test_shows_deletions(shop, tmp_path):
    put(tmp_path, "package.xml", manifest())
    put(tmp_path, "destructiveChanges.xml", manifest("Shop", "Gone"))

    ran = run("diff", tmp_path)

    assert ran.status == 1
    assert ran.lines == [
        "Delete: OauthTokenExchangeHandler Shop",
        "",
        "Compared 2 components: 1 to delete, 1 unchanged.",
    ]


def test_shows_the_lines_of_code_that_differ(shop, tmp_path):
    run("retrieve", "ApexClass:ShopTokens", "--to", tmp_path)
    code = tmp_path / "classes" / "ShopTokens.cls"
    code.write_text(code.read_text().replace("canCreateUser ?", "false ?"))

    ran = run("diff", tmp_path)

    assert ran.status == 1
    assert "  -        return canCreateUser ? newUser(person) : null;" in ran.lines
    assert "  +        return false ? newUser(person) : null;" in ran.lines
    assert len(ran.lines) < 15


def test_counts_the_lines_of_code_too_long_to_compare(shop, tmp_path):
    run("retrieve", "ApexClass:ShopTokens", "--to", tmp_path)
    code = tmp_path / "classes" / "ShopTokens.cls"
    code.write_text("// x\n" * 6_000)

    ran = run("diff", tmp_path)

    assert "  + (code): 6,001 lines" in ran.lines
    assert len(ran.lines) < 15


def test_lists_references_missing_from_the_files_and_the_org(file_of):
    path = file_of(("Gone", "unknown@mycompany.example", False), apex_class="Nowhere")

    ran = run("diff", path)

    assert ran.lines[-6:-1] == [
        "Missing references (neither in the org nor in the files):",
        "  user unknown@mycompany.example",
        "  connected app Gone",
        "  Apex class Nowhere",
        "",
    ]


def test_reports_unreadable_files_with_their_positions(shop, tmp_path):
    put(tmp_path, f"{FOLDER}/Bad{SUFFIX}", b"<nothing/>")
    put(tmp_path, f"{FOLDER}/New{SUFFIX}", handler_file("New"))

    ran = run("diff", tmp_path)

    assert ran.status == 2
    assert ran.lines[0].startswith(f"{tmp_path / FOLDER / 'Bad'}{SUFFIX}: Error parsing")
    assert "Create: OauthTokenExchangeHandler New" in ran.lines
    assert ran.lines[-1] == "Compared 2 components: 1 to create, 1 invalid."


def test_refuses_an_invalid_zip(shop, tmp_path):
    for content in (b"PK\x03\x04", b"no zip"):
        ran = run("diff", put(tmp_path, "a.zip", content))

        assert ran.status == 2
        assert "zip file" in ran.err
        assert not ran.out


def test_refuses_a_path_that_does_not_exist(shop, tmp_path):
    assert run("diff", tmp_path / "gone").status == 2


def test_refuses_an_empty_folder(shop, tmp_path):
    ran = run("diff", tmp_path)

    assert ran.status == 2
    assert "No package.xml and no file of a supported type found" in ran.out


def test_reads_standard_input(file_of, monkeypatch):
    content = file_of(label="Shops").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    assert "  + masterLabel: Shops" in run("diff", "-").lines


def test_refuses_empty_standard_input(shop, monkeypatch):
    for command in ("diff", "deploy"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))

        assert run(command, "-") == (2, "", "Standard input is empty.\n")


def test_reads_an_apex_class_by_either_of_its_files(shop, tmp_path):
    run("retrieve", "ApexClass:ShopTokens", "--to", tmp_path)

    for name in ("ShopTokens.cls", "ShopTokens.cls-meta.xml"):
        assert run("diff", tmp_path / "classes" / name).status == 0


def test_changes_nothing_and_stores_nothing(file_of):
    run("diff", file_of(label="Shops"))

    assert TokenExchangeHandler.objects.get(developer_name="Shop").label == "Shop"
    assert not Source.objects.exists()


def test_prints_the_differences_as_json(file_of):
    ran = run("diff", file_of(("Billing", OTTO, True), label="Shops"), "--json")

    assert ran.status == 1
    assert ran.json["isChanged"] is True
    assert not any(ran.json["missing"].values())
    [component] = ran.json["components"]
    assert component["outcome"] == "changed"
    assert component["fields"] == [
        {"element": "masterLabel", "before": "Shop", "after": "Shops"}
    ]
    assert component["apps"] == [
        {
            "kind": "connectedApp",
            "app": "Billing",
            "outcome": "changed",
            "before": {"apexExecutionUser": INGA, "isDefault": False},
            "after": {"apexExecutionUser": OTTO, "isDefault": True},
        },
        {
            "kind": "connectedApp",
            "app": "Scanner",
            "outcome": "removed",
            "before": {"apexExecutionUser": INGA, "isDefault": False},
            "after": None,
        },
    ]


def test_lists_100_apps_and_counts_the_others(file_of):
    enablements = [(f"App_{number}", INGA, False) for number in range(150)]

    ran = run("diff", file_of(*enablements))

    assert "  and 52 more apps" in ran.lines


def test_escapes_control_characters(file_of):
    path = file_of(description="a\u202eb\nc\x85")

    ran = run("diff", path)

    assert "\u202e" not in ran.out
    assert "\x85" not in ran.out
    assert "a\\u202eb" in ran.out


def test_compares_empty_code_in_the_org(shop, tmp_path):
    ApexClass.objects.filter(name="ShopTokens").update(body="")
    run("retrieve", "ApexClass:ShopTokens", "--to", tmp_path)

    assert run("diff", tmp_path).status == 0
