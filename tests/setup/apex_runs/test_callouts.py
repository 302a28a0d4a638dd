"""Callouts: to simulators behind remote sites, and to the network only if it's allowed."""

import socket
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import BoundedSemaphore, Event, Thread, active_count
from time import monotonic, sleep

import pytest

from tests.factories import (
    CertificateFactory,
    OrgFactory,
    RemoteSiteFactory,
    StoredComponentFactory,
)
from tokenx.apex.runtime.errors import NotRunnableError
from tokenx.apex.runtime.ports import CalloutRequest, CalloutResponse
from tokenx.setup.apex_runs import callouts, issuers
from tokenx.setup.apex_runs.callouts import Origin, allowed_origins
from tokenx.web import public_addresses

from .running import new, thrown_by

pytestmark = pytest.mark.django_db
KEYS = "https://idp.example/keys"
UNAUTHORIZED = (
    "Unauthorized endpoint, please check Setup->Security->Remote site settings. endpoint = "
)


@pytest.fixture
def site(admin):
    return RemoteSiteFactory(org=admin.org, url="https://idp.example")


@pytest.fixture
def calls(admin, monkeypatch):
    """Simulate an issuer at the keys' address, and return what it's asked."""
    calls = []

    def answer(org, method, url, headers, body):
        if org != admin.org or not url.startswith(KEYS):
            return None
        calls.append((method, url, headers, body))
        return CalloutResponse(200, "OK", body=b"{}", source="A simulated issuer.")

    monkeypatch.setattr(issuers, "answer", answer)
    return calls


@pytest.fixture
def no_network(monkeypatch):
    """Fail if a name is looked up or a connection is opened."""

    def refuse(*arguments, **options):
        raise AssertionError(f"The network was used: {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def refusal(reach, endpoint, **options):
    name, message = thrown_by(reach.callouts.send, request(endpoint, **options))
    assert name == "CalloutException"
    return message


def request(endpoint, method="GET", **options):
    return CalloutRequest(method, endpoint, **options)


@pytest.mark.usefixtures("no_network", "site")
def test_the_orgs_simulator_answers(reach, calls):
    sent = request(f"{KEYS}?a=1", "post", headers={"X-A": "b"}, body=b"c")

    response = reach.callouts.send(sent)

    assert (response.status_code, response.body) == (200, b"{}")
    assert calls == [("POST", f"{KEYS}?a=1", {"X-A": "b"}, b"c")]


@pytest.mark.usefixtures("no_network")
def test_a_callout_needs_an_active_remote_site(admin, reach, calls):
    assert refusal(reach, KEYS) == UNAUTHORIZED + KEYS
    other = RemoteSiteFactory(org=OrgFactory(), url="https://idp.example")
    assert refusal(reach, KEYS) == UNAUTHORIZED + KEYS
    site = RemoteSiteFactory(org=admin.org, url=other.url, is_active=False)
    assert refusal(reach, KEYS) == UNAUTHORIZED + KEYS
    site.is_active = True
    site.save()
    assert reach.callouts.send(request(KEYS)).status_code == 200


@pytest.mark.usefixtures("no_network", "calls", "site")
@pytest.mark.parametrize(
    "endpoint",
    [
        "http://idp.example/keys",
        "https://idp.example:8443/keys",
        "https://login.idp.example/keys",
        "https://idp.example.evil.example/keys",
    ],
)
def test_scheme_host_and_port_must_be_those_of_the_site(reach, endpoint):
    assert refusal(reach, endpoint) == UNAUTHORIZED + endpoint


@pytest.mark.usefixtures("no_network", "calls", "site")
@pytest.mark.parametrize(
    "endpoint", ["https://IDP.example:443/keys", "HTTPS://idp.example./x"]
)
def test_the_same_origin_in_another_notation(reach, endpoint):
    assert "No simulated issuer" in refusal(reach, endpoint)


@pytest.mark.usefixtures("no_network", "site")
@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("", "no protocol: "),
        ("idp.example/keys", "no protocol: idp.example/keys"),
        ("ftp://idp.example", "unknown protocol: ftp"),
        ("file:///etc/passwd", "unknown protocol: file"),
        ("https://user@idp.example/", "Invalid URL: https://user@idp.example/"),
        ("https:///keys", "Invalid URL: https:///keys"),
        ("https://idp.example:99999/", "Invalid URL: https://idp.example:99999/"),
        ("https://idp.example\\@evil.example", "Illegal character in the URL"),
        ("https://idp.example/a\r\nHost: evil.example", "Illegal character in the URL"),
        ("https://idp.example/ü", "Illegal character in the URL"),
    ],
)
def test_urls_that_are_not_called(reach, endpoint, message):
    assert refusal(reach, endpoint).startswith(message)


@pytest.mark.usefixtures("no_network", "site")
def test_offers_to_simulate_an_address(reach):
    message = refusal(reach, "https://idp.example/userinfo?token=secret")
    assert message == (
        "No simulated issuer has the URL https://idp.example/userinfo. In Setup, on "
        "Simulated Issuers, add this URL to an issuer."
    )


@pytest.mark.usefixtures("no_network")
def test_named_credentials_need_no_remote_site(admin, reach, calls):
    file = "<NamedCredential><endpoint>https://idp.example/</endpoint></NamedCredential>"
    StoredComponentFactory(org=admin.org, name="Idp", file=file)
    StoredComponentFactory(org=OrgFactory(), name="Theirs", file=file)

    assert reach.callouts.send(request("callout:IDP/keys?a=1")).status_code == 200
    assert calls[0][1] == "https://idp.example/keys?a=1"
    assert 'the named credential "Theirs" might not exist' in refusal(
        reach, "callout:Theirs/"
    )
    file = "<NamedCredential><endpoint>https://idp.example</endpoint></NamedCredential>"
    StoredComponentFactory(org=admin.org, name="Bare", file=file)
    assert "Invalid path" in refusal(reach, "callout:Bare.evil.example/keys")
    assert "Invalid URL" in refusal(reach, "callout:Bare@evil.example/keys")


@pytest.mark.usefixtures("site", "calls")
def test_no_callout_after_a_change(reach):
    reach.change("insert", new("Contact", LastName="Bot"))
    assert refusal(reach, KEYS).startswith("You have uncommitted work pending.")


@pytest.mark.usefixtures("site", "calls")
def test_unknown_methods_are_refused(reach):
    assert refusal(reach, KEYS, method="GET /x HTTP/1.1\r\n").startswith(
        "Invalid HTTP method"
    )


# --- The network -------------------------------------------------------------------------


class Server(BaseHTTPRequestHandler):
    """Answers by path, and keeps what it's asked."""

    seen: list = []

    def do_GET(self):
        self.seen.append((self.path, dict(self.headers)))
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            return
        self.send_response(200, "Fine")
        self.send_header("X-A", "1")
        self.send_header("X-A", "2")
        self.end_headers()
        size = callouts.MAX_BODY + 1 if self.path == "/large" else 5
        self.wfile.write(b"x" * size)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def network(admin, settings, monkeypatch):
    """Serve http://real.example, which is allowed and counts as public."""
    server = HTTPServer(("127.0.0.1", 0), Server)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://real.example:{server.server_port}"
    settings.CALLOUT_HOSTS = [url, "idp.example"]
    monkeypatch.setattr(Server, "seen", [])
    monkeypatch.setattr(public_addresses, "addresses_of", lambda host, port: ["127.0.0.1"])
    monkeypatch.setattr(public_addresses, "is_public", lambda address: True)
    RemoteSiteFactory(org=admin.org, url=url)
    yield url
    server.shutdown()
    server.server_close()


def test_calls_a_host_that_the_operator_allows(reach, network):
    headers = {"Authorization": "Bearer a", "Host": "evil.example", "Content-Length": "9"}

    response = reach.callouts.send(request(f"{network}/keys?a=1", headers=headers))

    assert (response.status_code, response.status) == (200, "Fine")
    assert (response.headers["X-A"], response.body) == ("1, 2", b"xxxxx")
    [(path, seen)] = Server.seen
    assert path == "/keys?a=1"
    assert seen["Host"] == network.removeprefix("http://")
    assert (seen["Authorization"], seen.get("Content-Length")) == ("Bearer a", None)
    assert "answered over the network" in response.source


def test_redirects_are_not_followed(reach, network):
    response = reach.callouts.send(request(f"{network}/redirect"))

    assert response.status_code == 302
    assert len(Server.seen) == 1


def test_a_response_is_not_too_large(reach, network):
    assert refusal(reach, f"{network}/large").startswith(
        "Exceeded max size limit of 6000000"
    )


def test_headers_cannot_contain_lines(reach, network):
    assert "couldn't reach" in refusal(reach, network, headers={"A": "b\r\nHost: c"})
    assert not Server.seen


def test_a_client_certificate_goes_to_simulators_only(admin, reach, network):
    assert "no certificate with the unique name 'Signing'" in refusal(
        reach, network, certificate_name="Signing"
    )
    CertificateFactory(org=admin.org, name="Signing")
    with pytest.raises(NotRunnableError, match="setClientCertificateName"):
        reach.callouts.send(request(network, certificate_name="Signing"))


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["224.0.0.1"],
        ["::1"],
        ["fe80::1%eth0"],
        ["fd00::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::a9fe:a9fe"],
        ["0.0.0.0"],
        ["93.184.216.34", "127.0.0.1"],
        [],
    ],
)
def test_private_addresses_are_refused_after_dns(
    reach, network, admin, monkeypatch, addresses
):
    monkeypatch.undo()
    monkeypatch.setattr(public_addresses, "addresses_of", lambda host, port: addresses)

    def refuse(*arguments, **options):
        raise AssertionError("A connection was opened.")

    monkeypatch.setattr(socket, "create_connection", refuse)
    message = refusal(reach, network)
    assert (
        message
        == "real.example isn't on the public internet. Apex can call public hosts only."
    )


def test_connects_to_the_address_that_was_checked(reach, network, monkeypatch):
    """A second lookup can't lead elsewhere."""
    lookups, connected = [], []

    def look_up(host, port):
        lookups.append(host)
        return ["127.0.0.1" if len(lookups) == 1 else "10.0.0.1"]

    connect = socket.create_connection

    def create(address, timeout):
        connected.append(address[0])
        return connect(address, timeout)

    monkeypatch.setattr(public_addresses, "addresses_of", look_up)
    monkeypatch.setattr(socket, "create_connection", create)
    reach.callouts.send(request(network))
    assert (lookups, connected) == (["real.example"], ["127.0.0.1"])


def test_a_slow_server_is_left(reach, network, monkeypatch):
    def wait(self):
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            for _ in range(100):
                self.wfile.write(b"x")
                sleep(0.05)

    monkeypatch.setattr(Server, "do_GET", wait)
    started_at = monotonic()
    message = refusal(reach, network, timeout=300)
    assert message == "Read timed out"
    assert monotonic() - started_at < 2


def test_a_slow_name_server_is_left(reach, network, monkeypatch):
    def look_up(host, port):
        sleep(3)
        return ["127.0.0.1"]

    monkeypatch.setattr(public_addresses, "addresses_of", look_up)
    start = monotonic()

    assert refusal(reach, network, timeout=200) == "Read timed out"
    assert monotonic() - start < 2


def test_lookups_are_bounded(reach, network, monkeypatch):
    monkeypatch.setattr(public_addresses, "_LOOKUPS", BoundedSemaphore(1))
    is_over = Event()
    monkeypatch.setattr(
        public_addresses, "addresses_of", lambda host, port: is_over.wait(20) and []
    )
    before = active_count()
    for _ in range(5):
        assert refusal(reach, network, timeout=50) == "Read timed out"
    assert active_count() <= before + 1
    is_over.set()


@pytest.mark.usefixtures("no_network", "site")
def test_the_setting_is_empty_by_default(reach, settings):
    assert settings.CALLOUT_HOSTS == []
    assert "No simulated issuer" in refusal(reach, KEYS)


def test_the_setting_names_origins(settings):
    settings.CALLOUT_HOSTS = [
        " Idp.example",
        "b.example:8443",
        "http://c.example",
        "",
        "d e",
    ]
    assert allowed_origins() == {
        Origin("https", "idp.example", 443),
        Origin("https", "b.example", 8443),
        Origin("http", "c.example", 80),
    }
