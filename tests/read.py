"""Reads answers as a person does: rows of tables, options of look-ups, links, fields."""

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
        [found] = self.all(tag, **attributes)
        return found


# Python's own HTML parser takes half of the time of the tests. This one reads only what our
# templates write, and fails on everything else.
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
        assert token, f"Not HTML as our templates write it: {html[index : index + 80]!r}"
        index = token.end()
        # The last group that takes part in a match: "closed" is that of a start tag.
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


# Most of a page is the same on each page, and nothing changes the attributes of an element.
@lru_cache(maxsize=4096)
def _attributes(text: str) -> dict[str, str]:
    return {
        name: unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(text)
    }


def rows(response: HttpResponse) -> list[list[str]]:
    """The cells of each row in the body of the answer's table."""
    return [
        [cell.text for cell in row.children if isinstance(cell, Element)]
        for body in read(response).all("tbody")
        for row in body.all("tr", class_="slds-hint-parent")
    ]


def names(response: HttpResponse) -> list[str]:
    """The first column."""
    return [row[0] for row in rows(response)]


def headings(response: HttpResponse) -> list[str]:
    heads = [head.text for head in read(response).all("th", scope="col")]
    return [head.removeprefix("Sort by:").strip() for head in heads]


def options(response: HttpResponse) -> list[str]:
    """The labels that a look-up lists."""
    return [o.attributes["data-label"] for o in read(response).all(role="option")]


def record(response: HttpResponse) -> dict[str, str]:
    """What the fields of a record say, by their labels."""
    fields = read(response).all("div", role="listitem")
    return {
        field.one("span").text: field.one("div", class_="slds-form-element__static").text
        for field in fields
    }


def marked(response: HttpResponse) -> list[str]:
    return [found.text for found in read(response).all("mark")]


def links(response: HttpResponse) -> dict[str, str]:
    return {link.text: link.attributes["href"] for link in read(response).all("a")}


def errors(response: HttpResponse, name: str) -> str:
    """What the form says at a look-up."""
    return " ".join(error.text for error in read(response).all(id=f"{name}-error"))


def toasts(response: HttpResponse) -> list[str]:
    shown = read(response).all("div", class_="slds-notify__content")
    template = [
        toast
        for hidden in read(response).all("template")
        for toast in hidden.all("div", class_="slds-notify__content")
    ]
    return [toast.text for toast in shown if toast not in template]


def more(response: HttpResponse) -> str:
    """Where Show more leads; empty at the end of a list."""
    found = read(response).all("a", id="more-enabled-apps")
    return found[0].attributes["href"] if found else ""
