"""`/livez`, `/readyz`, and `tokenx ready`: whether the server is ready."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from tokenx.org import readiness

BOTH = ["/livez", "/readyz"]


def ready(live_server, *options):
    address = live_server.thread
    out = StringIO()
    port = f"--port={address.port}"
    call_command("ready", f"--host={address.host}", port, *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def broken(monkeypatch):
    def fail():
        raise OperationalError("the password is hunter2")

    monkeypatch.setattr(readiness, "_latest_migrations", fail)


@pytest.mark.parametrize("path", BOTH)
def test_a_ready_server_says_so_to_everyone(
    client, admin, path, django_assert_max_num_queries
):
    with django_assert_max_num_queries(3):
        response = client.get(path)

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Type"] == "text/plain"
    assert not response.cookies
    assert response.content in (b"Live.\n", b"Ready.\n")
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def test_a_server_without_an_org_is_live_but_not_ready(client, db):
    assert client.get("/livez").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"The org isn't built yet.\n"


def test_an_org_that_expires_is_not_enough(client, org, settings):
    org.expires_at = timezone.now() + timedelta(days=1)
    org.save()

    assert client.get("/readyz").status_code == 503
    settings.SIGNUP = "open"
    assert client.get("/readyz").status_code == 200


def test_a_server_without_its_database_is_live_but_not_ready(client, admin, broken):
    assert client.get("/livez").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"The database isn't available.\n"


def test_a_database_of_an_older_version_is_not_ready(client, admin, monkeypatch):
    newer = frozenset({("org", "9999_newer")})
    monkeypatch.setattr(readiness, "_latest_migrations", lambda: newer)

    assert b"manage.py migrate" in client.get("/readyz").content


@pytest.mark.parametrize("path", BOTH)
def test_only_allowed_hosts_work(client, admin, settings, path):
    settings.ALLOWED_HOSTS = ["tokenx.example"]

    assert client.get(path, headers={"host": "tokenx.example"}).status_code == 200
    assert client.get(path, headers={"host": "other.example"}).status_code == 400


@pytest.mark.parametrize("path", BOTH)
def test_https_does_not_redirect_probes(client, admin, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz)$"]

    assert client.get(path).status_code == 200


def test_the_command_says_that_the_server_is_ready(live_server, admin, settings, subtests):
    for hosts in [["*"], ["localhost"], [".tokenx.example"], ["tokenx.example"]]:
        with subtests.test(hosts=hosts):
            settings.ALLOWED_HOSTS = hosts
            assert ready(live_server) == "Ready.\n"


def test_the_command_fails_with_the_reason(live_server, admin, broken):
    with pytest.raises(CommandError, match="The database isn't available"):
        ready(live_server)


def test_the_command_waits(live_server, admin, monkeypatch):
    reasons = iter(["The org isn't built yet.", ""])
    monkeypatch.setattr("tokenx.org.probes.reason_not_ready", lambda: next(reasons))

    assert ready(live_server, "--timeout=10") == "Ready.\n"


def test_the_command_fails_without_a_server(db):
    with pytest.raises(CommandError, match=r"No server responds at 127\.0\.0\.1:1\."):
        call_command("ready", "--host=0.0.0.0", "--port=1")
