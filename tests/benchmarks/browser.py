"""A browser without a screen: cookies, forms, and how long each kind of request took."""

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
        """As htmx posts it, with the token of the cookie."""
        token = {"X-CSRFToken": self.cookies.get("csrftoken", "")}
        return self._post(path, kind, form, token | HTMX)

    def submit(self, path: str, kind: str, **changes: object) -> str:
        """Open the page of a form, fill in what is to change, and send it."""
        read = _Form(path)
        read.feed(self.get(path))
        fields = read.fields | {name: value for name, value in changes.items() if value}
        for name, value in changes.items():
            if value is False:
                fields.pop(name, None)
        return self._post(path, kind, fields, {})

    def choose(self, path: str, words: str) -> str:
        """The key of the first option of a look-up that has these words in it."""
        answer = self.get(path, "look-up", **HTMX)
        for key, label, rest in re.findall(
            r'data-value="(\d+)" data-label="([^"]*)">(.*?)</li>', answer
        ):
            shown = f"{label} {re.sub('<[^>]+>', '', rest)}"
            if words in html.unescape(shown):
                return key
        raise AssertionError(f"{path} offers no {words}")

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
            said = " ".join(errors) or text[:200]
            raise AssertionError(f"{method} {path}: {response.status} {said}")
        return text


class _Form(HTMLParser):
    """What the form that goes to a path would send as it is."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = urlsplit(path).path
        self.fields: dict[str, Any] = {}
        self._is_in_it = False
        self._textarea = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            goes_to = urlsplit(has.get("action", self.path)).path
            self._is_in_it = has.get("method") == "post" and goes_to == self.path
        if not self._is_in_it:
            return
        name = has.get("name", "")
        if tag == "textarea":
            self._textarea, self.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in has:
            self.fields[self._select] = has.get("value", "")
        elif tag == "input" and name:
            self._take(name, has)

    def _take(self, name: str, has: dict[str, str]) -> None:
        is_box = has.get("type") in {"checkbox", "radio"}
        if not is_box or "checked" in has:
            value = has.get("value", "on" if is_box else "")
            self.fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_in_it = False
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] = f"{self.fields[self._textarea]}{data}"
