"""The options that a lookup lists, with the matching text marked."""

from collections.abc import Iterable
from html import escape
from itertools import accumulate

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tokenx.org.models import Org
from tokenx.web.template_rows import has_markup, render_rows
from tokenx.web.text import fold

from .matching import USERS_SHOWN, FoundUser, Pattern, find_users

# The values of an option in _lookup_option.html.
OPTION = ["id", "key", "name", "marked_html", "meta_html"]


def render_user_options(org: Org, typed: str, reasons: Iterable[object] = ()) -> SafeString:
    """Render the list under Run as, or the reasons why no user matches."""
    users, has_more = find_users(org, typed)
    context = {
        "options": render_rows(
            "_lookup_option.html",
            OPTION,
            _option_rows(users, typed),
            kind="user",
            icon="user",
            tile="user",
        ),
        "has_users": bool(users),
        "reasons": () if users else reasons,
        "has_more": has_more,
        "shown": USERS_SHOWN,
        "text": typed.strip().lstrip("*"),
        "is_anywhere": Pattern.parse(typed).is_anywhere,
    }
    return render_to_string("org/_user_options.html", context)


def _option_rows(users: Iterable[FoundUser], typed: str) -> Iterable[tuple[str, ...]]:
    pattern = Pattern.parse(typed)
    for user in users:
        name, note = user.name, " · Integration user" if user.is_integration_user else ""
        marked = mark(name, pattern, user.last_name)
        meta = escape(f"{user.username}{note}")
        yield str(user.id), user.username, name, marked, meta


def mark(label: str, pattern: Pattern, last_name: str = "") -> str:
    """Return the label as HTML, with the first match in a <mark>."""
    start, end = _match(label, pattern, len(label) - len(last_name))
    parts = label[:start], label[start:end], label[end:]
    before, matching, after = map(escape, parts) if has_markup(label) else parts
    return f"{before}<mark>{matching}</mark>{after}" if matching else after


class _Folded(dict[int, str]):
    """Each character's folded form by code point, cached for common characters."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = " " if character.isspace() else fold(character)
        return self.setdefault(code, folded) if len(self) < 10_000 else folded


class _Odd(dict[int, str | None]):
    """A translation that keeps only characters that fold to several characters or none."""

    def __missing__(self, code: int) -> str | None:
        odd = None if len(_FOLDED[code]) == 1 else chr(code)
        return self.setdefault(code, odd) if len(self) < 10_000 else odd


_FOLDED, _ODD = _Folded(), _Odd()


def _match(label: str, pattern: Pattern, last_name_at: int) -> tuple[int, int]:
    """Return the match's start and end in the label, or an empty range."""
    if not pattern.text:
        return 0, 0
    widths = None
    if label.isascii():
        folded = label.lower()
    else:
        folded = label.translate(_FOLDED)
        if label.translate(_ODD):
            sizes = (len(_FOLDED[ord(character)]) for character in label)
            widths = list(accumulate(sizes, initial=0))
            last_name_at = widths[last_name_at]
    if pattern.is_anywhere:
        start = folded.find(pattern.text)
    else:
        start = 0 if folded.startswith(pattern.text) else last_name_at
        start = start if folded.startswith(pattern.text, start) else -1
    if start < 0:
        return 0, 0
    end = start + len(pattern.text)
    if widths is None:
        return start, end
    # Convert back to whole characters of the label.
    first = max(index for index, width in enumerate(widths) if width <= start)
    last = next(index for index, width in enumerate(widths) if width >= end)
    return first, last
