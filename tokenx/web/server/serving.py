"""Serving an application with waitress, with limits for many clients and large requests."""

import signal
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

import waitress
from waitress import wasyncore
from waitress.server import MultiSocketServer

from tokenx.web.limits import MAX_BODY

from .listening import BACKLOG

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# API clients open hundreds of concurrent connections (docs/salesforce/metadata-api.md,
# Concurrency and keep-alive) and send .zip files of 39 MB, which are 56 MB as base64.
LIMITS: dict[str, Any] = {
    "ident": None,
    "backlog": BACKLOG,
    "connection_limit": 1_000,
    "asyncore_use_poll": True,
    "max_request_body_size": MAX_BODY,
}
PROXY_HEADERS = {"x-forwarded-for", "x-forwarded-proto"}
# Requests in flight have this much time after a signal to stop.
SECONDS_TO_FINISH = 30.0


def serve(
    application: "WSGIApplication",
    sockets: list[socket.socket],
    *,
    threads: int,
    trusted_proxy: str = "",
) -> None:
    """Serve until Ctrl+C or SIGTERM. Then finish the requests in flight, and return."""
    options = LIMITS | {"threads": threads, "sockets": sockets}
    if trusted_proxy:
        options |= {
            "trusted_proxy": trusted_proxy,
            "trusted_proxy_headers": PROXY_HEADERS,
            "clear_untrusted_proxy_headers": True,
        }
    Server(waitress.create_server(application, **options)).run()


class Server:
    """A waitress server that ends in order: it stops listening, finishes, and returns."""

    def __init__(self, server: Any) -> None:
        self.server = server
        # A server with several sockets keeps their servers only in its map.
        is_multiple = isinstance(server, MultiSocketServer)
        self.map: dict[int, Any] = server.map if is_multiple else server._map
        self.listeners = [each for each in self.map.values() if hasattr(each, "adj")]
        self.signals = 0

    def run(self) -> None:
        before = {
            number: signal.signal(number, self._on_signal)
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            self._loop(lambda: not self.signals)
            self._finish()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.server.task_dispatcher.shutdown(timeout=1)
            wasyncore.close_all(self.map, ignore_all=True)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1
        # Writing to a pipe ends the wait for clients.
        self.listeners[0].pull_trigger()

    def _loop(self, goes_on: Callable[[], bool]) -> None:
        while goes_on():
            wasyncore.loop(timeout=1, map=self.map, use_poll=True, count=1)

    def _finish(self) -> None:
        """Finish the requests in flight; a second signal ends immediately."""
        channels = [each.active_channels for each in self.listeners]
        for listener in self.listeners:
            listener.accepting = False
            listener.del_channel()
            listener.socket.close()
        until = time.monotonic() + SECONDS_TO_FINISH

        def is_busy() -> bool:
            open_channels = [each for group in channels for each in list(group.values())]
            for channel in open_channels:
                _close_if_idle(channel)
            return bool(open_channels) and self.signals < 2 and time.monotonic() < until

        self._loop(is_busy)


def _close_if_idle(channel: Any) -> None:
    """Close a connection without a request, or after its requests in flight."""
    with channel.requests_lock:
        for request in channel.requests:
            # The response says that the connection closes.
            request.headers["CONNECTION"] = "close"
        if (
            not channel.requests
            and channel.request is None
            and channel.total_outbufs_len == 0
        ):
            channel.will_close = True
