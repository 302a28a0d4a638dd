"""A record of the errors in a browser."""

from playwright.sync_api import BrowserContext

REPORT_VIOLATIONS = (
    "addEventListener('securitypolicyviolation', (event) => console.error("
    "`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))"
)


class Watch:
    """A recorder of browser errors, except for those that a test expects."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.seen: list[str] = []
        self.expected: list[str] = []
        self._watched: list[BrowserContext] = []
        self._listeners = {
            "console": self._console,
            "weberror": lambda error: self.seen.append(f"script: {error.error}"),
            "request": self._request,
            "requestfailed": self._failed,
        }

    def expects(self, *parts: str) -> None:
        """Ignore errors whose text contains one of the parts."""
        self.expected += parts

    def start(self, context: BrowserContext) -> None:
        self._watched.append(context)
        for event, listener in self._listeners.items():
            context.on(event, listener)

    def stop(self) -> None:
        while self._watched:
            context = self._watched.pop()
            for event, listener in self._listeners.items():
                context.remove_listener(event, listener)

    @property
    def trouble(self) -> list[str]:
        def is_expected(seen: str) -> bool:
            return any(part in seen for part in self.expected)

        return [seen for seen in self.seen if not is_expected(seen)]

    def _console(self, message) -> None:
        # htmx logs an error when a newer request replaces an older one.
        is_replaced = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type in {"error", "warning"} and not is_replaced:
            url = message.location.get("url", "")
            self.seen.append(f"console {message.type}: {message.text} ({url})")

    def _request(self, request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.seen.append(f"request to elsewhere: {request.url}")

    def _failed(self, request) -> None:
        # A newer page aborts an older one's requests, too.
        if request.failure != "net::ERR_ABORTED":
            self.seen.append(f"request failed: {request.failure} {request.url}")
