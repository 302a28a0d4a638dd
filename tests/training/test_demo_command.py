"""`manage.py demo`: builds the demo org if there is none, and says how to sign in."""

import re
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from pytest_django.asserts import assertRedirects

from tokenx.org.models import ClientApp, Org, User


@pytest.fixture(autouse=True)
def quick_passwords(settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.delenv("TOKENX_ADMIN_PASSWORD", raising=False)


@pytest.fixture
def demo(db):
    def demo(*options):
        out = StringIO()
        call_command("demo", "--no-serve", *options, stdout=out)
        return out.getvalue()

    return demo


def link_in(said):
    [link] = re.findall(r"http\S+/sign-in/\S+", said)
    return urlsplit(link).path


def password_in(said):
    [password] = re.findall(r"The password of admin@tokenx\.example: (\S+)", said)
    return password


def sign_in(client, password):
    data = {"username": "admin@tokenx.example", "password": password}
    client.post("/sign-in/", data)
    return client.get("/").status_code == 200


def test_builds_the_org_and_prints_how_to_sign_in(demo, client):
    said = demo("--port", "8765")

    assert Org.objects.get().name == "tokenx Demo"
    assert "Sign in as admin@tokenx.example at http://127.0.0.1:8765/sign-in/" in said
    assert sign_in(client, password_in(said))


def test_prints_a_link_that_signs_in_once(demo, client):
    link = link_in(demo())

    assertRedirects(client.get(link), "/")
    assert client.get("/").status_code == 200
    client.post("/sign-out/")
    assertRedirects(client.get(link), "/sign-in/")


def test_a_second_run_keeps_the_org_and_gives_a_new_link(demo, client):
    client.get(link_in(demo()))
    ClientApp.objects.filter(api_name="Billing_Sync").update(label="Changed by hand")

    said = demo()

    assert Org.objects.count() == 1
    assert ClientApp.objects.filter(label="Changed by hand").exists()
    assert "The password of" not in said
    client.post("/sign-out/")
    assertRedirects(client.get(link_in(said)), "/")


def test_reset_builds_it_anew(demo):
    demo()
    ClientApp.objects.filter(api_name="Billing_Sync").update(label="Changed by hand")

    demo("--reset")

    assert Org.objects.count() == 1
    assert not ClientApp.objects.filter(label="Changed by hand").exists()


def test_reset_leaves_other_orgs_alone(demo, org):
    demo()
    demo("--reset")

    assert set(Org.objects.values_list("name", flat=True)) == {org.name, "tokenx Demo"}


def test_the_password_comes_from_the_environment(demo, client, monkeypatch):
    monkeypatch.setenv("TOKENX_ADMIN_PASSWORD", "from outside 1")

    said = demo()

    assert "from outside 1" not in said
    assert "The password of" not in said
    assert sign_in(client, "from outside 1")


def test_a_password_from_the_environment_replaces_the_one_before(demo, client, monkeypatch):
    first = password_in(demo())
    monkeypatch.setenv("TOKENX_ADMIN_PASSWORD", "from outside 2")

    demo()

    assert not sign_in(client, first)
    assert sign_in(client, "from outside 2")


def test_each_build_makes_a_password_of_its_own(demo):
    assert password_in(demo()) != password_in(demo("--reset"))


def test_passwords_are_kept_as_hashes(demo, settings):
    said = demo()

    administrator = User.objects.get(username="admin@tokenx.example")
    assert password_in(said) not in administrator.password


def test_there_are_no_other_scenarios(demo):
    with pytest.raises(CommandError, match="invalid choice"):
        demo("--scenario", "other")


def test_a_scenario_with_something_wrong_is_refused_by_its_line(demo, settings, tmp_path):
    settings.SCENARIOS_DIR = str(tmp_path)
    (tmp_path / "mine.toml").write_text('label = "L"\n')

    with pytest.raises(CommandError, match=r"mine\.toml:1: description is missing"):
        demo("--scenario", "mine")


@pytest.mark.parametrize("scenario", ["demo", "first-steps"])
def test_present_puts_the_bar_above_setup(demo, client, scenario):
    link = link_in(demo("--scenario", scenario, "--present"))

    client.get(link)

    assert b"data-presenter" in client.get("/handlers/").content
