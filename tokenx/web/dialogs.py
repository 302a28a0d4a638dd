"""Dialogs, and their addresses on the page beneath.

`/handlers/My_Handler/?open=enable-app&open-kind=external&open-app=Partner_Portal` is the
page of a handler with the dialog of the URL `enable-app` open. The dialog's fields have
`open-` in front, which keeps them apart from the page's own. Keys that the page's path has
aren't repeated. Rows go by API name or username. See docs/decisions/dialog-addresses.md.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, QueryDict
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse

OPEN, PREFIX = "open", "open-"
# The header in which a dialog's content names its address.
HEADER = "Dialog-Address"
# Fields that belong to a request, not to what the user entered.
_NOT_ENTERED = {
    "changed_parameters",
    "client_secret",
    "csrfmiddlewaretoken",
    "draft",
    "find",
    "incoming_token",
    "version",
}
# The longest query that a signed-out user takes to sign-in and back.
LONGEST_QUERY = 6_000

View = Callable[..., Any]
Form = TypeVar("Form", bound=forms.Form)


class Key:
    """A number in a dialog's URL, and the fields that name the same row in every org."""

    name: str
    fields: tuple[str, ...]

    def names_of(self, request: Any, keys: Mapping[str, Any]) -> Mapping[str, str]:
        """Return the fields of the row that the URL's keys identify."""
        raise NotImplementedError

    def find(self, request: Any, keys: Mapping[str, Any], fields: Mapping[str, str]) -> int:
        """Return the number of the row that the fields name, or raise Http404."""
        raise NotImplementedError


def dialog(view: View, key: Key | None = None) -> View:
    """Give a view's dialog an address on the page beneath it."""
    # mypy knows no attributes of functions.
    view.is_dialog = True  # type: ignore[attr-defined]
    view.dialog_key = key  # type: ignore[attr-defined]
    return view


def dialog_of(key: Key) -> Callable[[View], View]:
    """Give a view's dialog an address that names its row by the key's fields."""
    return partial(dialog, key=key)


@dataclass(frozen=True)
class Dialog:
    """A dialog's view, the full name of its URL, and the keys in its path."""

    view: View
    url_name: str
    keys: tuple[str, ...]

    @property
    def key(self) -> Key | None:
        return self.view.dialog_key  # type: ignore[attr-defined]


@cache
def dialogs() -> dict[str, Dialog]:
    """Return all dialogs by the names of their URLs, without namespaces."""
    return dict(_dialogs_in(get_resolver().url_patterns))


def _dialogs_in(patterns: Any, namespace: str = "") -> Iterator[tuple[str, Dialog]]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _dialogs_in(pattern.url_patterns, namespace + inner)
        elif getattr(pattern.callback, "is_dialog", False):
            keys = tuple(pattern.pattern.converters)
            name = f"{namespace}{pattern.name}"
            yield pattern.name, Dialog(pattern.callback, name, keys)


@dataclass(frozen=True)
class Opened:
    """The dialog that a page's URL opens: its name, and its fields without the prefix."""

    name: str
    fields: QueryDict

    def url_on(self, request: Any) -> str:
        """Return the dialog's own URL, without a query, or raise Http404."""
        found = dialogs().get(self.name)
        if found is None:
            raise Http404("We couldn't find that dialog.")
        keys = {
            name: value
            for name, value in request.resolver_match.kwargs.items()
            if name in found.keys
        }
        key = found.key
        for name in found.keys:
            if key and name == key.name:
                continue
            if (field := _field_of(name)) in self.fields:
                keys[name] = self.fields.pop(field)[0]
        if key and key.fields[0] in self.fields:
            names = {field: self.fields.pop(field, [""])[0] for field in key.fields}
            keys[key.name] = key.find(request, keys, names)
        try:
            return reverse(found.url_name, kwargs=keys)
        except NoReverseMatch as missing:
            raise Http404("We couldn't find that dialog.") from missing


def take_opened(request: HttpRequest) -> Opened | None:
    """Take the dialog's part from the request's query, so that the page never sees it."""
    if OPEN not in request.GET:
        return None
    fields, rest = QueryDict(mutable=True), QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if name.startswith(PREFIX):
            fields.setlist(name.removeprefix(PREFIX).replace("-", "_"), values)
        elif name != OPEN:
            rest.setlist(name, values)
    opened = Opened(request.GET[OPEN], fields)
    request.GET = rest  # type: ignore[assignment]
    return opened


def address_on_page(request: Any) -> str:
    """Return the query that opens the requested dialog on the page it's requested from."""
    match = request.resolver_match
    beneath = _keys_beneath(request)
    keys = {name: key for name, key in match.kwargs.items() if beneath.get(name) != key}
    fields: list[tuple[str, Any]] = []
    key: Key | None = match.func.dialog_key
    if key and key.name in keys:
        del keys[key.name]
        fields += key.names_of(request, match.kwargs).items()
    fields += [(_field_of(name), value) for name, value in keys.items()]
    return address_query(match.url_name, [*fields, *entered_in(request.GET)])


def address_query(name: str, fields: Any = ()) -> str:
    """Return the query that opens a dialog with these fields."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    named = [(f"{PREFIX}{field.replace('_', '-')}", value) for field, value in pairs]
    return urlencode([(OPEN, name), *named], safe="@")


def entered_in(data: QueryDict) -> Iterator[tuple[str, str]]:
    """Yield what the user entered, without passwords, and without text that chose a row."""
    for name, values in data.lists():
        is_choice_text = name.endswith("_text") and data.get(name.removesuffix("_text"))
        if is_choice_text or name in _NOT_ENTERED or "password" in name:
            continue
        yield from ((name, value) for value in values if value)


def path_with_entered(request: HttpRequest) -> str:
    """Return the path of a posted form, whose query has what the user entered."""
    entered = list(entered_in(request.POST))
    query = request.GET.copy()
    for name in dict(entered):
        query.pop(name, None)
    for name, value in sorted(entered, key=lambda field: len(field[1])):
        query.appendlist(name, value)
        if len(query.urlencode()) > LONGEST_QUERY:
            query.setlist(name, query.getlist(name)[:-1])
    text = query.urlencode()
    return f"{request.path}?{text}" if text else request.path


def prefilled(form: Form, request: HttpRequest) -> Form:
    """Fill a form that isn't submitted with the fields of the dialog's address.

    The form's own fields check them. An unknown choice gets the field's error. Other text
    is shown unchanged, because the user might not have finished it.
    """
    if form.is_bound or request.method == "POST":
        return form
    for name, field in form.fields.items():
        widget: Any = field.widget
        if name not in request.GET or widget.is_hidden or _is_secret(widget):
            continue
        value = widget.value_from_datadict(request.GET, {}, name)
        if isinstance(value, list):
            value = [each for each in value if each]
        if isinstance(field, forms.ChoiceField) and value:
            try:
                field.clean(value)
            except ValidationError as error:
                form.errors[name] = form.error_class(error.messages)
                continue
        form.initial[name] = value
    return form


def _is_secret(widget: Any) -> bool:
    return isinstance(widget, forms.PasswordInput | forms.FileInput)


def _field_of(key: str) -> str:
    """Return the field for a key in a dialog's path: handler for handler_name."""
    if key == "api_name":
        return "app"
    return key.removesuffix("_name").removesuffix("_id")


def _keys_beneath(request: Any) -> dict[str, Any]:
    """Return the keys in the path of the page that htmx requests from."""
    try:
        path = urlsplit(request.htmx.current_url_abs_path or "").path
        return resolve(path).kwargs
    except (ValueError, Resolver404):  # The header can be malformed.
        return {}
