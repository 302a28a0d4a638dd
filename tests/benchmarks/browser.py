"""A browser without a screen, with cookies and forms, that times each request."""

import html
import http.client
import re
import time
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

HTMX = {"HX-Request": "true"}
FINE = {200, 204, 302}


class Browser:
    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies: dict[str, str] = {}
        self.taken: list[tuple[str, float, int]] = []
        self.location, self.content = "", b""

    def get(self, path: str, kind: str = "page", **headers: str) -> str:
        return self._ask("GET", path, kind, None, headers)

    def post(self, path: str, kind: str, **form: object) -> str:
        """Post a form like htmx, with the cookie's token."""
        token = {"X-CSRFToken": self.cookies.get("csrftoken", "")}
        return self._post(path, kind, form, token | HTMX)

    def submit(self, path: str, kind: str, **changes: object) -> str:
        """Open a form's page, change some fields, and submit it."""
        form = _Form(path)
        form.feed(self.get(path))
        fields = form.fields | {name: value for name, value in changes.items() if value}
        for name, value in changes.items():
            if value is False:
                fields.pop(name, None)
        return self._post(path, kind, fields, {})

    def choose(self, path: str, text: str) -> str:
        """Return the key of a lookup's first option that contains this text."""
        content = self.get(path, "lookup", **HTMX)
        for key, label, rest in re.findall(
            r'data-value="([^"]+)" data-label="([^"]*)">(.*?)</li>', content
        ):
            option = f"{label} {re.sub('<[^>]+>', '', rest)}"
            if text in html.unescape(option):
                return key
        raise AssertionError(f"{path} offers no {text}")

    def _post(self, path: str, kind: str, form: dict, headers: dict) -> str:
        kind_of_body = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form, doseq=True)
        return self._ask("POST", path, kind, body, kind_of_body | headers)

    def _ask(
        self, method: str, path: str, kind: str, body: str | None, headers: dict
    ) -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        start = time.perf_counter()
        self.connection.request(method, path, body, {"Cookie": cookies, **headers})
        response = self.connection.getresponse()
        self.content = response.read()
        text = self.content.decode(errors="replace")
        self.taken.append((kind, time.perf_counter() - start, response.status))
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        self.location = response.headers.get("Location", "")
        if response.status not in FINE:
            errors = re.findall(r'role="alert".*?</', text, re.S)
            message = " ".join(errors) or text[:200]
            raise AssertionError(f"{method} {path}: {response.status} {message}")
        return text


class _Form(HTMLParser):
    """The data that the unchanged form with this action would submit."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = urlsplit(path).path
        self.fields: dict[str, Any] = {}
        self._is_inside = False
        self._textarea = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urlsplit(attributes.get("action", self.path)).path
            self._is_inside = attributes.get("method") == "post" and action == self.path
        if not self._is_inside:
            return
        name = attributes.get("name", "")
        if tag == "textarea":
            self._textarea, self.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in attributes:
            self.fields[self._select] = attributes.get("value", "")
        elif tag == "input" and name:
            self._take(name, attributes)

    def _take(self, name: str, attributes: dict[str, str]) -> None:
        is_box = attributes.get("type") in {"checkbox", "radio"}
        if not is_box or "checked" in attributes:
            value = attributes.get("value", "on" if is_box else "")
            self.fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] = f"{self.fields[self._textarea]}{data}"
