"""Readers of responses: table rows, lookup options, links, and fields."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

from django.http import HttpResponse

VOID = {"input", "link", "meta", "br", "img", "hr", "use", "path", "circle"}
RAW = {"script", "style"}


@dataclass(slots=True)
class Element:
    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        parts = (c if isinstance(c, str) else c.text for c in self.children)
        return "".join(parts).strip()

    def __iter__(self) -> Iterator["Element"]:
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            children = [c for c in element.children if isinstance(c, Element)]
            stack.extend(reversed(children))

    def all(self, tag: str = "", **attributes: str) -> list["Element"]:
        elements = [element for element in self if tag in ("", element.tag)]
        wanted = {name.rstrip("_").replace("_", "-"): v for name, v in attributes.items()}
        if not wanted:
            return elements
        return [e for e in elements if wanted.items() <= e.attributes.items()]

    def one(self, tag: str = "", **attributes: str) -> "Element":
        [element] = self.all(tag, **attributes)
        return element


# Python's HTML parser would take half of the tests' time. This one reads only the HTML that
# our templates write, and fails on anything else.
_TOKEN = re.compile(
    r"""(?P<text>[^<]+)
      | <!--.*?--> | <!doctype[^>]*>
      | </(?P<end>[a-z0-9-]+)\s*>
      | <(?P<start>[a-z0-9-]+)
         (?P<attributes>(?:\s+[^\s=>/"'<]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*)
         \s*(?P<closed>/?)>""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""([^\s=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?""")


def read(response: HttpResponse) -> Element:
    return _read(response.content)


@lru_cache(maxsize=16)
def _read(content: bytes) -> Element:
    html = content.decode()
    root = Element("", {})
    path, index = [root], 0
    while index < len(html):
        token = _TOKEN.match(html, index)
        assert token, f"Unexpected HTML: {html[index : index + 80]!r}"
        index = token.end()
        # The last matched group. It's "closed" for a start tag.
        match token.lastgroup:
            case "text":
                path[-1].children.append(unescape(token["text"]))
            case "closed":
                tag = token["start"]
                element = Element(tag, _attributes(token["attributes"]))
                path[-1].children.append(element)
                if tag in RAW:
                    index = html.index(f"</{tag}", index)
                if not token["closed"] and tag not in VOID:
                    path.append(element)
            case "end":
                tag = path.pop().tag
                assert tag == token["end"], f"<{tag}> is closed by </{token['end']}>"
    [root] = path
    return root


# Pages have most elements in common, and nothing changes an element's attributes.
@lru_cache(maxsize=4096)
def _attributes(text: str) -> dict[str, str]:
    return {
        name: unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(text)
    }


def rows(response: HttpResponse) -> list[list[str]]:
    """Return the cells of each row in the table's body."""
    return [
        [cell.text for cell in row.children if isinstance(cell, Element)]
        for body in read(response).all("tbody")
        for row in body.all("tr", class_="slds-hint-parent")
    ]


def names(response: HttpResponse) -> list[str]:
    """Return the first column."""
    return [row[0] for row in rows(response)]


def headings(response: HttpResponse) -> list[str]:
    heads = [head.text for head in read(response).all("th", scope="col")]
    return [head.removeprefix("Sort by:").strip() for head in heads]


def options(response: HttpResponse) -> list[str]:
    """Return the labels that a lookup lists."""
    return [o.attributes["data-label"] for o in read(response).all(role="option")]


def record(response: HttpResponse) -> dict[str, str]:
    """Return the values of a record's fields by label."""
    fields = read(response).all("div", role="listitem")
    return {
        field.one("span").text: field.one("div", class_="slds-form-element__static").text
        for field in fields
    }


def marked(response: HttpResponse) -> list[str]:
    return [mark.text for mark in read(response).all("mark")]


def links(response: HttpResponse) -> dict[str, str]:
    return {link.text: link.attributes["href"] for link in read(response).all("a")}


def errors(response: HttpResponse, name: str) -> str:
    """Return the error at a lookup."""
    return " ".join(error.text for error in read(response).all(id=f"{name}-error"))


def toasts(response: HttpResponse) -> list[str]:
    """Return the texts of the toasts, without their actions."""
    contents = read(response).all("div", class_="slds-notify__content")
    template = [
        toast
        for hidden in read(response).all("template")
        for toast in hidden.all("div", class_="slds-notify__content")
    ]
    return [toast.all("p")[0].text for toast in contents if toast not in template]


def more(response: HttpResponse) -> str:
    """Return the URL of Show more, or an empty string at the end of a list."""
    matches = read(response).all("a", id="more-enabled-apps")
    return matches[0].attributes["href"] if matches else ""
