"""`manage.py demo`: builds the demo org if it doesn't exist, and prints how to sign in."""

import re
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from pytest_django.asserts import assertRedirects

from tokenx.org.models import ClientApp, Org, User


def demo(*options):
    out = StringIO()
    call_command("demo", "--no-serve", *options, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def first_output(module_db):
    """Build the demo org for all tests of this module, and keep what the command prints."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.delenv("TOKENX_ADMIN_PASSWORD", raising=False)
        return demo("--port", "8765")


@pytest.fixture(autouse=True)
def environment(monkeypatch, first_output, plain_static_files, db):
    monkeypatch.delenv("TOKENX_ADMIN_PASSWORD", raising=False)


def link_in(output):
    [link] = re.findall(r"http\S+/sign-in/\S+", output)
    return urlsplit(link).path


def password_in(output):
    [password] = re.findall(r"The password of admin@tokenx\.example: (\S+)", output)
    return password


def sign_in(client, password):
    data = {"username": "admin@tokenx.example", "password": password}
    client.post("/sign-in/", data)
    return client.get("/").status_code == 200


def change_label():
    ClientApp.objects.filter(api_name="Billing_Sync").update(label="Changed by hand")


def label_is_changed():
    return ClientApp.objects.filter(label="Changed by hand").exists()


def test_builds_the_org_and_prints_how_to_sign_in(first_output, client):
    assert Org.objects.get().name == "tokenx Demo"
    address = "http://127.0.0.1:8765/sign-in/"
    assert f"Log in as admin@tokenx.example at {address}" in first_output
    assert sign_in(client, password_in(first_output))


def test_prints_a_link_that_signs_in_once(first_output, client):
    link = link_in(first_output)

    assertRedirects(client.get(link), "/")
    assert client.get("/").status_code == 200
    client.post("/sign-out/")
    assertRedirects(client.get(link), "/sign-in/")


def test_a_second_run_keeps_the_org_and_prints_a_new_link(first_output, client):
    client.get(link_in(first_output))
    change_label()

    output = demo()

    assert Org.objects.count() == 1
    assert label_is_changed()
    assert "The password of" not in output
    client.post("/sign-out/")
    assertRedirects(client.get(link_in(output)), "/")


def test_reset_builds_the_org_again_and_leaves_other_orgs_alone(first_output, org):
    change_label()

    output = demo("--reset")

    assert not label_is_changed()
    assert sorted(Org.objects.values_list("name", flat=True)) == sorted(
        [org.name, "tokenx Demo"]
    )
    assert password_in(output) != password_in(first_output)


def test_reads_the_password_from_the_environment(client, monkeypatch):
    monkeypatch.setenv("TOKENX_ADMIN_PASSWORD", "from outside 1")

    output = demo("--reset")

    assert "from outside 1" not in output
    assert "The password of" not in output
    assert sign_in(client, "from outside 1")


def test_a_password_from_the_environment_replaces_the_first_one(
    first_output, client, monkeypatch
):
    monkeypatch.setenv("TOKENX_ADMIN_PASSWORD", "from outside 2")

    demo()

    assert not sign_in(client, password_in(first_output))
    assert sign_in(client, "from outside 2")


def test_stores_only_a_hash_of_the_password(first_output):
    administrator = User.objects.get(username="admin@tokenx.example")
    assert password_in(first_output) not in administrator.password


def test_refuses_an_unknown_scenario():
    with pytest.raises(CommandError, match="No scenario is named other"):
        demo("--scenario", "other")


def test_refuses_an_invalid_scenario_with_its_line(settings, tmp_path):
    settings.SCENARIOS_DIR = str(tmp_path)
    (tmp_path / "mine.toml").write_text('label = "L"\n')

    with pytest.raises(CommandError, match=r"mine\.toml:1: description is missing"):
        demo("--scenario", "mine")


@pytest.mark.parametrize("scenario", ["demo", "first-steps"])
def test_present_puts_the_bar_above_setup(client, scenario):
    link = link_in(demo("--scenario", scenario, "--present"))

    client.get(link)

    assert b"data-presenter" in client.get("/handlers/").content
