"""How the code is laid out: docs of the house, kept true."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tokenx.org.constraints import SameOrg

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    path for path in (ROOT / "tokenx").rglob("*.py") if "migrations" not in path.parts
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# A package may import those of a smaller number; oauth and metadata not each other.
PACKAGES = {
    "org": 0,
    "handlers": 1,
    "setup": 2,
    "oauth": 3,
    "metadata": 3,
    "training": 4,
}
LAYERS = {"models": 0, "actions": 1, "forms": 2, "filters": 2, "views": 3, "urls": 4}
# Modules that know the text of a format, and nothing of the database.
FORMATS = {"xml", "xml_words", "xml_writer", "elements", "soap", "definition", "errors"}
FORMATS |= {"files", "archive", "components", "package", "package_writer"}
FORMATS |= {"soap_fault", "soap_node", "soap_zip", "soap_component"}
FORMATS |= {"soap_writer", "soap_describe"}
FORMATS |= {"soql", "soql_dates", "soql_grammar", "soql_tree"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module, or name in one, that the file imports, by its full name."""
    here = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level + 1] if node.level else ()
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


IMPORTS = {name_of(path): set(imports(path)) for path in MODULES}


def package_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "tokenx" and len(parts) > 1 else ""


def module_of(imported: str) -> str:
    """The module of ours that an imported name lies in."""
    while imported and imported not in IMPORTS:
        imported = imported.rpartition(".")[0]
    return imported


def reached(module: str, seen: set[str] | None = None) -> set[str]:
    """The modules of the same package that a module needs, however indirectly."""
    seen = seen if seen is not None else set()
    for imported in IMPORTS[module]:
        other = module_of(imported)
        if other and package_of(other) == package_of(module) and other not in seen:
            seen.add(other)
            reached(other, seen)
    return seen


def layer_of(module: str) -> int | None:
    parts = module.split(".")
    return LAYERS.get(parts[2]) if len(parts) > 2 else None


def test_packages_import_only_to_the_left():
    wrong = [
        f"{module} imports {imported}"
        for module, found in IMPORTS.items()
        for imported in found
        if (here := package_of(module)) in PACKAGES
        and (there := package_of(imported)) in PACKAGES
        and here != there
        and PACKAGES[there] >= PACKAGES[here]
    ]
    assert not wrong


def test_what_all_packages_share_imports_none_but_org():
    puts_them_together = {"tokenx.urls", "tokenx.wsgi"}
    wrong = [
        f"{module} imports {imported}"
        for module, found in IMPORTS.items()
        if package_of(module) not in PACKAGES and module not in puts_them_together
        for imported in found
        if package_of(imported) in set(PACKAGES) - {"org"}
    ]
    assert not wrong


def test_layers_of_a_package_import_only_downwards():
    wrong = [
        f"{module} needs {other}"
        for module in IMPORTS
        if package_of(module) in PACKAGES and (layer := layer_of(module)) is not None
        for other in reached(module)
        if (layer_of(other) or 0) > layer
    ]
    assert not wrong


def test_the_packages_are_those_of_the_design():
    folders = {path.parent.name for path in (ROOT / "tokenx").glob("*/__init__.py")}
    assert folders - {"templatetags"} <= set(PACKAGES)


@pytest.mark.parametrize(
    "module", [name for name in IMPORTS if name.rpartition(".")[2] in FORMATS]
)
def test_formats_know_no_models(module):
    assert not [i for i in IMPORTS[module] if {"models", "db"} & set(i.split("."))]


def test_no_signals():
    assert not [
        f"{module} imports {imported}"
        for module, found in IMPORTS.items()
        for imported in found
        if "signals" in imported.split(".")
    ]


@pytest.mark.parametrize(
    "path",
    [*MODULES, *sorted((ROOT / "static" / "js").glob("*.js"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_module_is_no_longer_than_300_lines(path):
    assert len(path.read_text().splitlines()) <= 300


INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=) | <style\b | javascript:
        | \s(style|on[a-z]+|hx-on[:a-z-]*)\s*=""",
    re.VERBOSE | re.IGNORECASE,
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_has_no_inline_script_or_style(path):
    text = re.sub(r"\{%\s*with.*?%\}|\{%\s*include.*?%\}", "", path.read_text())

    assert not INLINE.search(text)


# Fragments that are not swapped by their own id: rows and parts of another fragment.
PARTS = {
    "org/_user_options.html",
    "handlers/_app_options.html",
    "handlers/_apex_class_options.html",
    "handlers/_enabled_app_row.html",
    "handlers/_more_enabled_apps.html",
    "handlers/_enable_app_progress.html",
    "metadata/_difference.html",
    "metadata/_donut.html",
    "training/_class_person_row.html",
}
FRAGMENTS = {
    str(path.relative_to(ROOT / "templates")): path
    for path in TEMPLATES
    if path.name.startswith("_") and path.parent.name != "templates"
}


@pytest.mark.parametrize("name", sorted(set(FRAGMENTS) - PARTS))
def test_a_fragment_has_its_own_name_as_the_id_of_its_root(name):
    text = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", FRAGMENTS[name].read_text()).strip()

    root = re.match(r"<[a-z]+[^>]*>", text).group()
    wanted = FRAGMENTS[name].stem.removeprefix("_").replace("_", "-")
    assert f'id="{wanted}"' in root


@pytest.mark.parametrize("name", sorted(FRAGMENTS))
def test_a_fragment_never_extends(name):
    assert "{% extends" not in FRAGMENTS[name].read_text()


def test_the_parts_of_fragments_are_all_there():
    assert set(FRAGMENTS) >= PARTS


# Wrong passwords are counted before it is known whose they are.
OF_NO_ORG = {"Org", "LoginFailure"}
OUR_MODELS = [m for m in apps.get_models() if m.__module__.startswith("tokenx.")]
WITHOUT_ORG = {"user_one_sign_in_per_username", "app_consumer_key", "classroom_code"}
WITHOUT_ORG |= {"participant_by_practice_org"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model",
    [m for m in OUR_MODELS if m.__name__ not in OF_NO_ORG],
    ids=lambda m: m.__name__,
)
def test_every_index_begins_with_the_org(model):
    with connection.cursor() as cursor:
        table = model._meta.db_table
        found = connection.introspection.get_constraints(cursor, table)

    indexes = {
        name: constraint["columns"]
        for name, constraint in found.items()
        if (constraint["index"] or constraint["unique"]) and not constraint["primary_key"]
    }
    indexes["primary key"] = [field.column for field in model._meta.pk_fields]
    for name, columns in indexes.items():
        if name not in WITHOUT_ORG and columns != ["id"]:
            assert columns[0] == "org_id", name


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model.__name__)
def test_everything_belongs_to_an_org(model):
    if model.__name__ not in OF_NO_ORG:
        assert not model._meta.get_field("org").null


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model.__name__)
def test_every_key_within_an_org_is_in_the_database(model):
    wanted = {each.name for each in model._meta.constraints if isinstance(each, SameOrg)}
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [table])
            [(created,)] = cursor.fetchall()
            there = {name for name in wanted if f'"{name}" FOREIGN KEY' in created}
        else:
            query = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
            cursor.execute(f"{query} AND contype = 'f'", [table])
            there = {name for [name] in cursor.fetchall()}
    assert wanted <= there
