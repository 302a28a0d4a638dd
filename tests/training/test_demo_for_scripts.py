"""`demo --json` and `demo --init`: for scripts and containers."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django.asserts import assertRedirects

from tests.metadata.commands import SUFFIX, handler_file, put
from tokenx.metadata.models import Deployment, Status
from tokenx.org.models import Org
from tokenx.org.record_ids import ORG, record_id


def demo(*options):
    """Return the object on stdout, and the text on stderr."""
    out, err = StringIO(), StringIO()
    call_command("demo", "--no-serve", "--json", *options, stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


@pytest.fixture(autouse=True)
def environment(monkeypatch, plain_static_files, db):
    monkeypatch.delenv("TOKENX_ADMIN_PASSWORD", raising=False)
    monkeypatch.setenv("TOKENX_SCENARIO", "empty")


def test_stdout_has_only_an_object_that_says_how_to_log_in(client):
    result, text = demo("--port", "8765")

    assert result["url"] == "http://127.0.0.1:8765"
    assert result["organizationId"] == record_id(ORG, Org.objects.get().pk)
    assert "Building the org" in text
    assertRedirects(client.get(result["loginUrl"]), "/")
    client.post("/sign-out/")
    form = {"username": result["username"], "password": result["password"]}
    client.post("/sign-in/", form)
    assert client.get("/").status_code == 200


def test_the_password_is_null_if_it_is_not_known():
    demo()

    result, _ = demo()

    assert result["password"] is None


def test_the_environment_sets_the_password_and_the_folder(monkeypatch, tmp_path):
    put(tmp_path, f"Bad{SUFFIX}", handler_file("Bad", "Nowhere"))
    monkeypatch.setenv("TOKENX_ADMIN_PASSWORD", "from outside 3")
    monkeypatch.setenv("TOKENX_INIT", str(tmp_path))

    result, text = demo()

    assert result["password"] == "from outside 3"
    assert "no ApexClass named Nowhere found" in text
    assert Deployment.objects.get().status == Status.FAILED
    assert "Nowhere" not in demo()[1]
