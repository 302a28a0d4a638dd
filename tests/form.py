"""What a form would send as it stands, and what it says at its fields."""

from typing import Any

from django.http import HttpResponse

from .read import Element, read

# Fields of several check boxes.
LISTS = {"scopes", "token_types"}


def form_of(response: HttpResponse) -> dict[str, Any]:
    form = read(response).one("form", class_="modal__form")
    sent: dict[str, Any] = {}
    for field in form.all("input"):
        attributes = field.attributes
        name = attributes["name"]
        if attributes.get("type") not in {"checkbox", "radio"}:
            sent[name] = attributes.get("value", "")
        elif "checked" in attributes:
            value = attributes.get("value", "on")
            sent[name] = [*sent.get(name, []), value] if name in LISTS else value
    for area in form.all("textarea"):
        sent[area.attributes["name"]] = area.text
    for select in form.all("select"):
        [chosen] = [o for o in select.all("option") if "selected" in o.attributes]
        sent[select.attributes["name"]] = chosen.attributes["value"]
    return sent


def said_at(response: HttpResponse, name: str) -> list[str]:
    """The errors at a field."""
    notes = read(response).all("div", id=f"id_{name}-help")
    return [error.text for note in notes for error in _errors(note)]


def said_on_top(response: HttpResponse) -> list[str]:
    return [p.text for p in read(response).all("p", class_="slds-form-element__help")]


def _errors(element: Element) -> list[Element]:
    return element.all("div", class_="slds-form-element__help")
