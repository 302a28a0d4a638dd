"""Regular expressions: from Java's syntax to that of google-re2.

re2 has no lookaround, back references, or possessive quantifiers, and so no expression can
be slow. What it refuses ends the run with the pattern and the reason. Here, what both have
with another meaning is rewritten or refused.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from ..runtime.api import Run
from ..runtime.errors import LimitExceededError, NotRunnableError, thrown

if TYPE_CHECKING:
    import re2

# What a compiled expression and its states can take. re2 itself keeps the last 128.
_MAX_MEMORY = 256_000
_MAX_PATTERN = 10_000
# re2 does so many steps of its own, on the states of an expression, for one step here.
_STATES_PER_STEP = 400
# States and bytes of the most complicated search: a single one can't be interrupted.
_MAX_STATES = 100_000_000
# An expression without a bound can read all of the text for a short match. re2 reads so
# many bytes in the time of one step.
_READ_PER_STEP = 2_500
_UNBOUNDED = re.compile(rb"[*+]|,\}")
_SPACES = r"\t\n\x0B\f\r "
_LINE_ENDS = r"\n\r\x{85}\x{2028}\x{2029}"
_ANY = f"[^{_LINE_ENDS}]"
_POSIX = {
    "lower": "lower", "upper": "upper", "ascii": "ascii", "alpha": "alpha",
    "digit": "digit", "alnum": "alnum", "punct": "punct", "graph": "graph",
    "print": "print", "blank": "blank", "cntrl": "cntrl", "xdigit": "xdigit",
    "space": "space",
}  # fmt: skip
# What Java refuses too.
_INVALID = (
    "missing ",
    "unexpected )",
    "no argument",
    "trailing \\",
    "invalid character class",
)
_REPETITION = re.compile(r"\{\d+(?:,\d*)?\}")
_CLASS_NAME = re.compile(r"[pP]\{(\^?)(?:Is|general_category=|gc=)?(\w+)\}")
_FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:-[a-zA-Z]*)?[:)]")


def compile_expression(run: Run, pattern: str) -> "re2._Regexp":
    """Return a compiled expression that matches bytes of UTF-8."""
    if len(pattern) > _MAX_PATTERN:
        raise NotRunnableError("Pattern", "The regular expression is too long.")
    run.budget.charge_for(len(pattern), 5)
    compiled = _compile(pattern)
    if isinstance(compiled, str):
        _refuse(pattern, compiled)
    run.budget.charge(1 + compiled.programsize // 5)
    return compiled


def _refuse(pattern: str, reason: str) -> NoReturn:
    if reason.startswith(_INVALID):
        raise thrown("StringException", f"Invalid regex: {reason}")
    shown = pattern if len(pattern) <= 200 else f"{pattern[:200]}…"
    message = f"The regular expression {shown} isn't supported: {reason.rstrip('.')}."
    raise NotRunnableError("Pattern", message)


def check_search(run: Run, compiled: Any, size: int) -> None:
    """Count the work of starting a search in so many bytes, or refuse it."""
    if size * compiled.programsize > _MAX_STATES:
        raise LimitExceededError("Regex too complicated")
    charge(run, compiled, 0)
    if _is_unbounded(compiled.pattern):
        run.budget.charge_for(size, _READ_PER_STEP)


@lru_cache(maxsize=128)
def _is_unbounded(pattern: bytes) -> bool:
    return _UNBOUNDED.search(pattern) is not None


def charge(run: Run, compiled: Any, size: int) -> None:
    """Count the work of matching a text of so many bytes, in the worst case."""
    run.budget.charge_for((size + 1) * compiled.programsize, _STATES_PER_STEP)


@lru_cache(maxsize=128)
def _compile(pattern: str) -> Any:
    """Return a compiled expression, or why it isn't possible."""
    try:
        import re2
    except ImportError:
        return "this server doesn't have google-re2"
    try:
        translated = _Translation(pattern).result
    except ValueError as error:
        return str(error)
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        return re2.compile(translated.encode("utf-8", "surrogatepass"), options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


class _Translation:
    """Rewrites an expression of Java for re2; a ValueError says why it isn't possible."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._parts: list[str] = []
        flags = [match[1] for match in _FLAGS.finditer(pattern)]
        if any(set(each) & set("Uuxd") for each in flags):
            raise ValueError("the flags U, u, x, and d aren't supported")
        self._any = "." if any("s" in each for each in flags) else _ANY
        while self._at < len(pattern):
            self._translate()
        self.result = "".join(self._parts)

    def _translate(self) -> None:
        character = self._pattern[self._at]
        if character == "\\":
            self._escape(in_class=False)
        elif character == "[":
            self._class()
        elif character == ".":
            self._take(1, self._any)
        elif character == "{":
            match = _REPETITION.match(self._pattern, self._at)
            if not match:
                raise ValueError(f"no argument: illegal repetition at {self._at}")
            self._take(len(match[0]), match[0])
        else:
            self._take(1, character)

    def _take(self, count: int, written: str) -> None:
        self._at += count
        self._parts.append(written)

    def _escape(self, *, in_class: bool) -> None:
        rest = self._pattern[self._at + 1 : self._at + 60]
        if rest.startswith("Q") and not in_class:
            end = self._pattern.find("\\E", self._at)
            end = len(self._pattern) if end < 0 else end
            quoted = self._pattern[self._at + 2 : end]
            self._take(end + 2 - self._at, "".join(map(_quoted, quoted)))
        elif re.match("u[0-9a-fA-F]{4}", rest):
            self._take(6, f"\\x{{{rest[1:5]}}}")
        elif match := _CLASS_NAME.match(rest):
            self._take(1 + len(match[0]), _class_name(match, in_class=in_class))
        elif rest[:1] in ("s", "v", "h") or (rest[:1] == "S" and not in_class):
            self._take(2, _space_class(rest[0], in_class=in_class))
        elif rest[:1] == "e":
            self._take(2, r"\x1B")
        else:
            self._take(2, "\\" + rest[:1])

    def _class(self) -> None:
        """Rewrite a class such as [^a-z\\s]."""
        start = self._at
        self._take(1, "[")
        if self._pattern.startswith("^", self._at):
            self._take(1, "^")
        if self._pattern.startswith("]", self._at):
            self._take(1, r"\]")
        while self._at < len(self._pattern):
            character = self._pattern[self._at]
            if character == "]":
                self._take(1, "]")
                return
            if character == "[" or self._pattern.startswith("&&", self._at):
                raise ValueError("classes inside of classes and && aren't supported")
            if character == "\\":
                self._escape(in_class=True)
            else:
                self._take(1, character)
        raise ValueError(f"missing ]: {self._pattern[start : start + 50]}")


def _quoted(character: str) -> str:
    is_special = character.isascii() and not character.isalnum() and character != "_"
    return f"\\x{{{ord(character):x}}}" if is_special else character


def _class_name(match: re.Match[str], *, in_class: bool) -> str:
    """Rewrite \\p{Alpha} as a POSIX class; \\p{Lu} is the same in both."""
    name, letter = match[2], match[0][0]
    posix = _POSIX.get(name.lower())
    if name == "Alphabetic":
        name = "L"
    if posix is None or name == name.lower():
        return f"\\{letter}{{{match[1]}{name}}}"
    negated = "^" if letter == "P" else ""
    written = f"[:{negated}{posix}:]"
    return written if in_class else f"[{written}]"


def _space_class(letter: str, *, in_class: bool) -> str:
    members = {
        "v": rf"{_LINE_ENDS}\x0B\f",
        "h": r" \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}",
    }.get(letter, _SPACES)
    if in_class:
        return members
    return f"[^{members}]" if letter == "S" else f"[{members}]"
