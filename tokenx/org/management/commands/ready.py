"""`tokenx ready`: tells whether the server on this machine is ready, for health checks."""

import http.client
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tokenx import environment
from tokenx.org.management.options import add_option, chosen

# A server that doesn't respond for so long isn't ready.
_RESPONSE_SECONDS = 5
_PAUSE_SECONDS = 0.25


class Command(BaseCommand):
    help = (
        "Tell whether the server on this machine is ready: exit status 0 if it is, and 1 "
        "otherwise."
    )
    # Container platforms run it several times a minute.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_option(parser, environment.LISTEN_ON)
        add_option(parser, environment.PORT)
        parser.add_argument(
            "--timeout",
            type=float,
            default=0,
            metavar="SECONDS",
            help="how long to wait for the server; by default, it doesn't wait",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        host = _reachable(chosen(options, environment.LISTEN_ON))
        port = chosen(options, environment.PORT)
        ends_at = time.monotonic() + options["timeout"]
        while reason := _reason_not_ready(host, port):
            if time.monotonic() >= ends_at:
                raise CommandError(reason)
            time.sleep(_PAUSE_SECONDS)
        self.stdout.write("Ready.")


def _reachable(host: str) -> str:
    """Return the address to connect to, for an address to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104  (it listens nowhere)


def _reason_not_ready(host: str, port: int) -> str:
    """Ask the server. Return an empty string if it's ready."""
    connection = http.client.HTTPConnection(host, port, timeout=_RESPONSE_SECONDS)
    try:
        connection.request("GET", "/readyz", headers={"Host": _allowed_host()})
        response = connection.getresponse()
        text = response.read(200).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException):
        return f"No server responds at {host}:{port}."
    finally:
        connection.close()
    if response.status == 200:
        return ""
    if response.status == 503:
        return text
    return f"The server at {host}:{port} isn't tokenx, or doesn't allow this host."


def _allowed_host() -> str:
    """Return a host name that the server responds to."""
    for host in settings.ALLOWED_HOSTS:
        if host.strip("*"):
            return f"tokenx{host}" if host.startswith(".") else host
    return "localhost"
