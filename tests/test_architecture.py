"""The layout of the code, as the design and CONTRIBUTING describe it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tests.paths import ROOT
from tokenx.org.constraints import SameOrg


# Each file is read once, and each module is parsed once, in the process that needs them.
@cache
def modules() -> dict[Path, str]:
    return {
        path: path.read_text()
        for path in sorted((ROOT / "tokenx").rglob("*.py"))
        if "migrations" not in path.parts
    }


@cache
def templates() -> dict[Path, str]:
    return {
        path.relative_to(ROOT / "templates"): path.read_text()
        for path in sorted((ROOT / "templates").rglob("*.html"))
    }


# A package imports only packages to its left: those with a smaller number.
PACKAGES = {
    "web": 0,
    "apex": 0,
    "org": 1,
    "handlers": 2,
    "soql": 3,
    "setup": 4,
    "oauth": 5,
    "metadata": 5,
    "api": 6,
    "training": 7,
    "remote": 8,
}
# The modules that put the packages together.
COMPOSITION = {
    "tokenx",
    "tokenx.__main__",
    "tokenx.environment",
    "tokenx.settings",
    "tokenx.storage",
    "tokenx.urls",
    "tokenx.wsgi",
}
LAYERS = {"models": 0, "actions": 1, "forms": 2, "filters": 2, "views": 3, "urls": 4}
# Folders and modules for a format or language that don't depend on models.
FORMATS = (
    "tokenx.apex",
    "tokenx.api.soap.reader",
    "tokenx.metadata.format",
    "tokenx.metadata.package",
    "tokenx.soql.bind_values",
    "tokenx.soql.binds",
    "tokenx.soql.dates",
    "tokenx.soql.expressions",
    "tokenx.soql.grammar",
    "tokenx.soql.inline",
    "tokenx.soql.parser",
    "tokenx.soql.tree",
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_by(path: Path, text: str) -> Iterator[str]:
    """Yield the full name of each module, or name in one, that the file imports."""
    here = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level + 1] if node.level else ()
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


@cache
def imports() -> dict[str, set[str]]:
    """Return the names that each module imports."""
    return {name_of(path): set(imported_by(path, text)) for path, text in modules().items()}


def package_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "tokenx" and len(parts) > 1 else ""


def module_of(imported: str) -> str:
    """Return our module that contains the imported name, or an empty string."""
    while imported and imported not in imports():
        imported = imported.rpartition(".")[0]
    return imported


def reached(module: str, seen: set[str] | None = None) -> set[str]:
    """Return the modules of the same package that a module imports, also indirectly."""
    seen = seen if seen is not None else set()
    for imported in imports()[module]:
        other = module_of(imported)
        if other and package_of(other) == package_of(module) and other not in seen:
            seen.add(other)
            reached(other, seen)
    return seen


def layer_of(module: str) -> int | None:
    parts = module.split(".")
    return next((LAYERS[part] for part in parts[2:] if part in LAYERS), None)


def test_packages_import_only_to_the_left():
    violations = [
        f"{module} imports {imported}"
        for module, names in imports().items()
        for imported in names
        if (package := package_of(module)) in PACKAGES
        and (imported_package := package_of(imported)) in PACKAGES
        and package != imported_package
        and PACKAGES[imported_package] >= PACKAGES[package]
    ]
    assert not violations


def test_every_module_is_in_a_package_or_puts_packages_together():
    assert {m for m in imports() if package_of(m) not in PACKAGES} == COMPOSITION


def test_layers_of_a_package_import_only_downwards():
    wrong = [
        f"{module} needs {other}"
        for module in imports()
        if package_of(module) in PACKAGES and (layer := layer_of(module)) is not None
        for other in reached(module)
        if (layer_of(other) or 0) > layer
    ]
    assert not wrong


def test_the_packages_are_those_of_the_design():
    folders = {path.parent.name for path in (ROOT / "tokenx").glob("*/__init__.py")}
    assert folders <= set(PACKAGES)


def test_formats_import_no_models():
    formats = [
        name
        for name in imports()
        if f"{name}.".startswith(tuple(f"{each}." for each in FORMATS))
    ]

    assert not [
        f"{module} imports {imported}"
        for module in formats
        for imported in imports()[module]
        if {"models", "db"} & set(imported.split("."))
    ]


def test_class_names_are_unique():
    """Inner classes, such as Meta, belong to their outer class.

    The parts of the Apex language have the language's names, such as Query.
    """
    defined: dict[tuple[bool, str], list[str]] = {}
    for path, text in modules().items():
        is_apex = package_of(name_of(path)) == "apex"
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef) and node.name != "Command":
                defined.setdefault((is_apex, node.name), []).append(name_of(path))

    assert not {name: modules for name, modules in defined.items() if len(modules) > 1}


def test_no_signals():
    assert not [
        f"{module} imports {imported}"
        for module, names in imports().items()
        for imported in names
        if "signals" in imported.split(".")
    ]


def test_a_module_is_no_longer_than_400_lines():
    scripts = {path: path.read_text() for path in (ROOT / "static" / "js").glob("*.js")}

    assert not [
        str(path.relative_to(ROOT))
        for path, text in {**modules(), **scripts}.items()
        if len(text.splitlines()) > 400
    ]


INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=) | <style\b | javascript:
        | \s(style|on[a-z]+|hx-on[:a-z-]*)\s*=""",
    re.VERBOSE | re.IGNORECASE,
)


def test_a_template_has_no_inline_script_or_style():
    assert not [
        str(path)
        for path, text in templates().items()
        if INLINE.search(re.sub(r"\{%\s*with.*?%\}|\{%\s*include.*?%\}", "", text))
    ]


# Fragments that aren't swapped by their own ID: rows and parts of another fragment.
PARTS = {
    "org/_user_options.html",
    "handlers/_app_options.html",
    "handlers/_apex_class_options.html",
    "handlers/_enabled_app_row.html",
    "handlers/_more_enabled_apps.html",
    "handlers/_enable_app_progress.html",
    "metadata/deploy/_difference.html",
    "metadata/deploy/_donut.html",
    "setup/_assigned_apps.html",
    "setup/_compile_problem.html",
    "oauth/_token_parts.html",
    "setup/_decisions.html",
    "setup/_issuer_fields.html",
    "setup/_mint_fields.html",
    "setup/_run_details.html",
    "setup/_run_step.html",
    "training/token_errors/_token_errors.html",
    "setup/_traced_lines.html",
    "training/classes/_class_person_row.html",
}


def fragments() -> dict[str, str]:
    return {
        str(path): text
        for path, text in templates().items()
        if path.name.startswith("_") and len(path.parts) > 1
    }


def test_a_fragment_has_its_own_name_as_the_id_of_its_root():
    for name in sorted(set(fragments()) - PARTS):
        text = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", fragments()[name]).strip()
        root = re.match(r"<[a-z]+[^>]*>", text).group()
        wanted = Path(name).stem.removeprefix("_").replace("_", "-")
        assert f'id="{wanted}"' in root, name


def test_a_fragment_never_extends():
    assert not [name for name, text in fragments().items() if "{% extends" in text]


def test_the_parts_of_fragments_exist():
    assert set(fragments()) >= PARTS


# Failed sign-ins are counted by username, before the user and the org are known.
OF_NO_ORG = {"Org", "LoginFailure", "SigningKey"}
OUR_MODELS = [m for m in apps.get_models() if m.__module__.startswith("tokenx.")]
IN_ORGS = [m for m in OUR_MODELS if m.__name__ not in OF_NO_ORG]
WITHOUT_ORG = {"user_one_sign_in_per_username", "app_consumer_key", "classroom_code"}
WITHOUT_ORG |= {"participant_by_practice_org"}


@pytest.mark.django_db
def test_every_index_begins_with_the_org():
    for model in IN_ORGS:
        with connection.cursor() as cursor:
            table = model._meta.db_table
            constraints = connection.introspection.get_constraints(cursor, table)

        indexes = {
            name: each["columns"]
            for name, each in constraints.items()
            if (each["index"] or each["unique"]) and not each["primary_key"]
        }
        indexes["primary key"] = [field.column for field in model._meta.pk_fields]
        for name, columns in indexes.items():
            if name not in WITHOUT_ORG and columns != ["id"]:
                assert columns[0] == "org_id", f"{model.__name__}: {name}"


def test_every_row_belongs_to_an_org():
    assert not [m.__name__ for m in IN_ORGS if m._meta.get_field("org").null]


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_every_foreign_key_within_an_org_is_in_the_database():
    for model in apps.get_models():
        constraints = model._meta.constraints
        wanted = {each.name for each in constraints if isinstance(each, SameOrg)}
        assert wanted <= foreign_keys(model._meta.db_table, wanted), model.__name__


def foreign_keys(table: str, names: set[str]) -> set[str]:
    """Return the names of the table's foreign keys; on SQLite, those among `names`."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # SQLite has names of foreign keys only in the statement that creates the table.
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [table])
            [(statement,)] = cursor.fetchall()
            return {name for name in names if f'"{name}" FOREIGN KEY' in statement}
        query = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
        cursor.execute(f"{query} AND contype = 'f'", [table])
        return {name for [name] in cursor.fetchall()}
