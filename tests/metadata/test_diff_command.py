"""`manage.py diff`: what deploying files would change, element by element, app by app."""

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
    """A handler with two apps."""
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
    """The handler's file, as it is but for what a test says."""

    def file_of(*enablements, apex_class="ShopTokens", **changes):
        wanted = enablements or (("Billing", INGA, False), ("Scanner", INGA, False))
        same = {"allows_contact_creation": None, "is_protected": None}
        content = handler_file("Shop", apex_class, *wanted, **{**same, **changes})
        return put(tmp_path, f"Shop{SUFFIX}", content)

    return file_of


def test_says_that_nothing_would_change(file_of):
    ran = run("diff", file_of())

    assert ran.status == 0
    assert ran.out == "1 component compared: 1 unchanged.\n"


def test_says_field_by_field_what_would_change(file_of):
    ran = run("diff", file_of(label="Shops", supports_jwt=False))

    assert ran.status == 1
    assert ran.lines == [
        "Changed: OauthTokenExchangeHandler Shop",
        "  - isJwtSupported: true",
        "  + isJwtSupported: false",
        "  - masterLabel: Shop",
        "  + masterLabel: Shops",
        "",
        "1 component compared: 1 changed.",
    ]


def test_says_app_by_app_what_would_change(file_of):
    ran = run("diff", file_of(("Billing", OTTO, True), ("Fresh", INGA, False)))

    assert ran.status == 1
    assert ran.lines[1:-2] == [
        f"  - connectedApp Billing: runs as {INGA}",
        f"  + connectedApp Billing: runs as {OTTO}, as its default handler",
        f"  + connectedApp Fresh: runs as {INGA}",
        f"  - connectedApp Scanner: runs as {INGA}",
    ]


def test_says_what_would_be_created(file_of, tmp_path):
    path = put(tmp_path, f"New{SUFFIX}", handler_file("New"))

    ran = run("diff", path)

    assert ran.status == 1
    assert ran.lines[0] == "Created: OauthTokenExchangeHandler New"
    assert "  + masterLabel: New" in ran.lines
    assert ran.lines[-1] == "1 component compared: 1 created."


def test_says_what_would_be_deleted(shop, tmp_path):
    put(tmp_path, "package.xml", manifest())
    put(tmp_path, "destructiveChanges.xml", manifest("Shop", "Gone"))

    ran = run("diff", tmp_path)

    assert ran.status == 1
    assert ran.lines == [
        "Deleted: OauthTokenExchangeHandler Shop",
        "",
        "2 components compared: 1 deleted, 1 unchanged.",
    ]


def test_shows_the_lines_of_code_that_differ(shop, tmp_path):
    run("retrieve", "ApexClass:ShopTokens", "--to", tmp_path)
    code = tmp_path / "classes" / "ShopTokens.cls"
    code.write_text(code.read_text().replace("(true)", "(false)"))

    ran = run("diff", tmp_path)

    assert ran.status == 1
    assert "  -        return new Auth.TokenValidationResult(true);" in ran.lines
    assert "  +        return new Auth.TokenValidationResult(false);" in ran.lines
    assert len(ran.lines) < 15


def test_code_too_long_to_compare_is_counted(shop, tmp_path):
    run("retrieve", "ApexClass:ShopTokens", "--to", tmp_path)
    code = tmp_path / "classes" / "ShopTokens.cls"
    code.write_text("// x\n" * 6_000)

    ran = run("diff", tmp_path)

    assert "  + (code): 6,001 lines" in ran.lines
    assert len(ran.lines) < 15


def test_says_what_neither_the_files_nor_the_org_have(file_of):
    path = file_of(("Gone", "nobody@mycompany.example", False), apex_class="Nowhere")

    ran = run("diff", path)

    assert ran.lines[-6:-1] == [
        "The files name what neither they nor the org have:",
        "  user nobody@mycompany.example",
        "  connected app Gone",
        "  Apex class Nowhere",
        "",
    ]


def test_files_that_cannot_be_read_are_told_with_their_places(shop, tmp_path):
    put(tmp_path, f"{FOLDER}/Bad{SUFFIX}", b"<nothing/>")
    put(tmp_path, f"{FOLDER}/New{SUFFIX}", handler_file("New"))

    ran = run("diff", tmp_path)

    assert ran.status == 2
    assert ran.lines[0].startswith(f"{tmp_path / FOLDER / 'Bad'}{SUFFIX}: Error parsing")
    assert "Created: OauthTokenExchangeHandler New" in ran.lines
    assert ran.lines[-1] == "2 components compared: 1 created, 1 wrong."


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"no zip"])
def test_what_is_no_zip_could_not_be_read(shop, tmp_path, content):
    ran = run("diff", put(tmp_path, "a.zip", content))

    assert ran.status == 2
    assert "zip file" in ran.err
    assert not ran.out


def test_what_is_not_there_could_not_be_read(shop, tmp_path):
    assert run("diff", tmp_path / "gone").status == 2


def test_a_folder_with_nothing_in_it_could_not_be_read(shop, tmp_path):
    ran = run("diff", tmp_path)

    assert ran.status == 2
    assert "No package.xml found, nor a file of a type that is known here" in ran.out


def test_reads_standard_input(file_of, monkeypatch):
    content = file_of(label="Shops").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    assert "  + masterLabel: Shops" in run("diff", "-").lines


@pytest.mark.parametrize("command", ["diff", "deploy"])
def test_nothing_on_standard_input_could_not_be_tried(shop, monkeypatch, command):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))

    assert run(command, "-") == (2, "", "Standard input is empty.\n")


def test_reads_an_apex_class_whichever_of_its_files_is_named(shop, tmp_path):
    run("retrieve", "ApexClass:ShopTokens", "--to", tmp_path)

    for name in ("ShopTokens.cls", "ShopTokens.cls-meta.xml"):
        assert run("diff", tmp_path / "classes" / name).status == 0


def test_changes_nothing_and_keeps_nothing(file_of):
    run("diff", file_of(label="Shops"))

    assert TokenExchangeHandler.objects.get(developer_name="Shop").label == "Shop"
    assert not Source.objects.exists()


def test_says_it_as_json(file_of):
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


def test_tells_of_a_hundred_apps_and_counts_the_others(file_of):
    enablements = [(f"App_{number}", INGA, False) for number in range(150)]

    ran = run("diff", file_of(*enablements))

    assert "  and 52 more apps" in ran.lines


def test_nobody_gives_the_terminal_orders(file_of):
    path = file_of(description="a\u202eb\nc\x85")

    ran = run("diff", path)

    assert "\u202e" not in ran.out
    assert "\x85" not in ran.out
    assert "a\\u202eb" in ran.out


def test_code_in_the_org_is_compared_as_it_is(shop, tmp_path):
    ApexClass.objects.filter(name="ShopTokens").update(body="")
    run("retrieve", "ApexClass:ShopTokens", "--to", tmp_path)

    assert run("diff", tmp_path).status == 0
