"""A person's mistakes at start-up end with one sentence, never with a traceback."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

pytestmark = pytest.mark.sqlite


def refusal(data, *arguments, python=(), **more):
    """Return what the real command says when it refuses to run."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("TOKENX_", "DATABASE"))
    }
    kept |= {"TOKENX_DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "tokenx.settings"}
    ran = subprocess.run(
        [sys.executable, *python, "manage.py", *arguments],
        cwd=ROOT,
        env=kept | more,
        capture_output=True,
        check=False,
        text=True,
    )
    assert ran.returncode != 0
    assert "Traceback" not in ran.stderr
    return ran.stderr


def test_mistakes_end_with_a_sentence(tmp_path, subtests):
    file = tmp_path / "file"
    file.write_text("")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "tokenx.sqlite3").write_bytes(b"no database" * 1_000)
    data = tmp_path / "data"
    for sentence, run in {
        "it's a file": lambda: refusal(file, "demo"),
        "The database is damaged.": lambda: refusal(damaged, "demo", "--port=0"),
        "--port can't be “99999”.": lambda: refusal(data, "demo", "--port=99999"),
        "TOKENX_PORT can't be “x”.": lambda: refusal(data, "demo", TOKENX_PORT="x"),
        "The host no.invalid is unknown.": lambda: refusal(
            data, "demo", "--host=no.invalid"
        ),
        "DATABASE_URL isn't valid.": lambda: refusal(data, "demo", DATABASE_URL="x"),
        "The PostgreSQL server can't be reached.": lambda: refusal(
            data, "demo", "--port=0", DATABASE_URL="postgres://a@127.0.0.1:1/a"
        ),
        "The database isn't up to date.": lambda: refusal(data, "mint", "Issuer"),
        "Django isn't installed": lambda: refusal(data, "demo", python=["-I", "-S"]),
    }.items():
        with subtests.test(sentence=sentence):
            assert sentence in run()
