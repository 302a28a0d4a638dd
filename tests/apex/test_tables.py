"""The parser's saved tables."""

import os
import pickle
from functools import lru_cache

import lark
import pytest

from tokenx.apex.parser import Parser, tables
from tokenx.apex.parser.tables import load_or_build, tables_file

CODE = "public class Sample { }"


# Building takes most of a second, so each test counts it and gets the same tables.
built = lru_cache(tables._built)


@pytest.fixture
def saved(tmp_path, monkeypatch):
    assert not is_loaded(tmp_path, monkeypatch)
    return tables_file(tmp_path)


def is_loaded(folder, monkeypatch) -> bool:
    builds = []
    monkeypatch.setattr(tables, "_built", lambda: builds.append(1) or built())
    assert not Parser(folder).parse(CODE).problems
    return not builds


def test_saves_tables_for_this_user_only(saved):
    assert saved.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in saved.parent.iterdir()] == [saved.name]


def test_loads_saved_tables(saved, monkeypatch):
    assert is_loaded(saved.parent, monkeypatch)


def test_creates_the_folder(tmp_path, monkeypatch):
    assert not is_loaded(tmp_path / "new" / "folder", monkeypatch)
    assert is_loaded(tmp_path / "new" / "folder", monkeypatch)


def test_builds_tables_again_for_another_version_of_lark(saved, monkeypatch):
    monkeypatch.setattr(lark, "__version__", "1.2.0")
    assert not is_loaded(saved.parent, monkeypatch)
    assert len(list(saved.parent.iterdir())) == 2


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_ignores_tables_that_others_can_write(saved, monkeypatch, mode):
    saved.chmod(mode)
    assert not is_loaded(saved.parent, monkeypatch)
    assert saved.stat().st_mode & 0o777 == 0o600


def test_ignores_tables_of_another_user(saved, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: saved.stat().st_uid + 1)
    assert not is_loaded(saved.parent, monkeypatch)


def test_ignores_a_link(saved, monkeypatch, tmp_path_factory):
    target = tmp_path_factory.mktemp("elsewhere") / "tables"
    saved.rename(target)
    saved.symlink_to(target)
    assert not is_loaded(saved.parent, monkeypatch)


class Harmful:
    def __reduce__(self):
        return (exec, ("raise SystemExit('harm')",))


@pytest.mark.parametrize(
    "content", [b"", b"x", pickle.dumps({}), pickle.dumps(Harmful())], ids=len
)
def test_replaces_damaged_tables(saved, monkeypatch, content):
    saved.write_bytes(content)
    assert not is_loaded(saved.parent, monkeypatch)
    monkeypatch.undo()
    assert is_loaded(saved.parent, monkeypatch)


def test_a_folder_that_is_not_writable_keeps_tables_in_memory(tmp_path, monkeypatch):
    # The administrator can write everywhere, so the folder is below a file.
    (tmp_path / "file").write_text("")
    assert not is_loaded(tmp_path / "file", monkeypatch)
    assert load_or_build(None)
