"""Find text that breaks the rules of docs/wording.md."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

# Each word, and what to write instead.
BANNED = {
    "anew": "again",
    "any more": "anymore, or leave it out",
    "as it is": "unchanged, or leave it out",
    "at once": "immediately, or concurrently",
    "besides": "also, or in addition to",
    "e-mail": "email",
    "everybody": "everyone",
    "half a letter": "lone surrogate",
    "is gone": "was deleted, or expired",
    "is so": "is met",
    "look-up": "lookup",
    "look-ups": "lookups",
    "meanwhile": "concurrently, or in the meantime",
    "nobody": "no one",
    "of one's own": "your own, or its own",
    "practise": "practice",
    "practising": "practicing",
    "somebody": "someone, or the user",
    "that goes for": "this also applies to",
    "thrown away": "deleted, or discarded",
    "whatever": "any, or regardless of",
    "whoever": "anyone who, or the user",
    "whom": "who",
    "whomever": "anyone who",
    "wrong": "invalid, or incorrect",
}
_BANNED = re.compile(rf"\b({'|'.join(map(re.escape, BANNED))})\b", re.IGNORECASE)
_CLAUSE = re.compile(r"\s*(What|Who|Whoever|Whom|How)\b")
_DOCSTRING_START = re.compile(r"\s*(What|Who|Whoever|Whom|How|Whether|Which)\b")
_MARKDOWN_CODE = re.compile(
    r"```.*?```|~~~.*?~~~|`[^`\n]*`|^ {4}.*$", re.DOTALL | re.MULTILINE
)
_TEMPLATE_CODE = re.compile(
    r"\{%.*?%\}|\{\{.*?\}\}|<(?:script|style)\b.*?</(?:script|style)>", re.DOTALL
)
_HEADING = re.compile(r"<(h[1-6]|label|legend|th|title)\b[^>]*>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_READ_ATTRIBUTE = re.compile(r'\b(?:title|aria-label|alt|placeholder)="([^"]*)"')


class Fault(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def check_all(root: Path = ROOT) -> list[Fault]:
    """Check the repository's templates, documents, and Python files."""
    faults: list[Fault] = []
    for path in sorted(_files(root)):
        name = str(path.relative_to(root))
        faults += check(name, path.read_text(encoding="utf-8"))
    return faults


def _files(root: Path) -> Iterator[Path]:
    for folder in ["tokenx", "templates", "docs", "tests", ".github"]:
        for suffix in ["py", "html", "md", "toml", "yml", "cls"]:
            yield from (root / folder).rglob(f"*.{suffix}")
    yield from root.glob("*.md")


def check(name: str, text: str) -> list[Fault]:
    """Check one file's text by the rules for its kind."""
    if name in EXEMPT or "/migrations/" in name:
        return []
    checks = {".py": _check_python, ".html": _check_template, ".md": _check_markdown}
    faults = checks.get(Path(name).suffix, _check_plain)(text)
    return [Fault(name, line, message) for line, message in faults]


# These list the banned words, or quote clients and Salesforce.
EXEMPT = {"docs/wording.md", "tests/wording/check.py", "tests/wording/test_check.py"}

Found = Iterator[tuple[int, str]]


def _check_plain(text: str) -> Found:
    return _banned(text)


def _check_markdown(text: str) -> Found:
    prose = _MARKDOWN_CODE.sub(_blank, text)
    yield from _banned(prose)
    for number, line in enumerate(prose.splitlines(), start=1):
        if line.startswith("#") and _CLAUSE.match(line.lstrip("#")):
            yield number, "a heading is a noun or a verb phrase, not a clause"


def _check_template(text: str) -> Found:
    text = _TEMPLATE_CODE.sub(_blank, text)
    for heading in _HEADING.finditer(text):
        if _CLAUSE.match(_TAG.sub(" ", heading[2])):
            yield _line(text, heading.start()), "a label or heading is not a clause"
    for attribute in _READ_ATTRIBUTE.finditer(text):
        line = _line(text, attribute.start())
        yield from ((line, message) for _, message in _banned(attribute[1]))
    yield from _banned(_TAG.sub(_blank, text))


def _check_python(source: str) -> Found:
    tree = ast.parse(source)
    yield from _check_docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Text with spaces is prose; a single word may be a key or a value.
            if " " in node.value:
                yield from ((node.lineno + n - 1, m) for n, m in _banned(node.value))
        elif isinstance(node, ast.keyword) and node.arg in {"label", "verbose_name"}:
            value = node.value
            if isinstance(value, ast.Constant) and _CLAUSE.match(str(value.value)):
                yield value.lineno, "a label is a noun or a verb phrase, not a clause"
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield from ((token.start[0], message) for _, message in _banned(token.string))


def _check_docstrings(tree: ast.AST) -> Found:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef
    for node in ast.walk(tree):
        docstring = ast.get_docstring(node) if isinstance(node, kinds) else None
        if start := _DOCSTRING_START.match(docstring or ""):
            yield node.body[0].lineno, f"a docstring doesn't start with {start[1]!r}"


def _banned(text: str) -> Found:
    for match in _BANNED.finditer(text):
        word = match[0].lower()
        yield _line(text, match.start()), f"{match[0]!r}: write {BANNED[word]}"


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def _blank(match: re.Match[str]) -> str:
    """Replace code with blanks, but keep the line numbers of the text after it."""
    return " " + "\n" * match[0].count("\n")
