"""A form's data as a browser would submit it, and the form's errors."""

from typing import Any

from django.http import HttpResponse

from .read import Element, read

# Fields with several checkboxes.
LISTS = {"scopes", "token_types", "profiles", "permission_sets"}


def form_of(response: HttpResponse) -> dict[str, Any]:
    """Return the data that the form in the dialog would submit."""
    form = read(response).one("form", class_="modal__form")
    data: dict[str, Any] = {}
    for field in form.all("input"):
        attributes = field.attributes
        name = attributes["name"]
        if attributes.get("type") not in {"checkbox", "radio"}:
            data[name] = attributes.get("value", "")
        elif "checked" in attributes:
            value = attributes.get("value", "on")
            data[name] = [*data.get(name, []), value] if name in LISTS else value
    for area in form.all("textarea"):
        data[area.attributes["name"]] = area.text
    for select in form.all("select"):
        [selected] = [o for o in select.all("option") if "selected" in o.attributes]
        data[select.attributes["name"]] = selected.attributes["value"]
    return data


def field_errors(response: HttpResponse, name: str) -> list[str]:
    """Return the errors at a field."""
    notes = read(response).all("div", id=f"id_{name}-help")
    return [error.text for note in notes for error in _errors(note)]


def form_errors(response: HttpResponse) -> list[str]:
    """Return the errors above the fields."""
    return [p.text for p in read(response).all("p", class_="slds-form-element__help")]


def _errors(element: Element) -> list[Element]:
    return element.all("div", class_="slds-form-element__help")
