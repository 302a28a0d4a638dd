"""Every citation in code and documents leads to a file, and to a heading in it.

Code cites a page as `docs/salesforce/product.md` or, with a heading,
`docs/salesforce/product.md, Deployment limits`. Several headings are separated by "; ".
Documents use Markdown links.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from tests.paths import ROOT

CODE = [
    path
    for folder in ["tokenx", "tests", "templates", "static", ".ci"]
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".html", ".css", ".js", ".mjs", ".sh", ".toml"}
]
DOCUMENTS = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]

# A heading ends with the sentence or the parenthesis that it's in. It can start with a
# lowercase letter, as the names of API calls do.
CITATION = re.compile(r"docs/[\w/-]+\.md(?:, ([A-Za-z][^.;:)\n]*(?:\n[^.;:)\n]*)?))?")
PATH = re.compile(
    r"(?<![\w/.-])(?:tokenx|tests|templates|static|docs)/[\w/-]+\.(?:py|md|html|css|js|toml)\b"
)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([\w-]+))?\)")
OUTSIDE = re.compile(r"\bfacts/[\w-]+\.(?:md|txt)|\.\./shared")


def heading_texts(path: Path) -> set[str]:
    lines = _prose_lines(path)
    return {
        re.sub(r"[`*]", "", line.lstrip("#").strip()) for line in lines if line[:1] == "#"
    }


@lru_cache
def slugs(path: Path) -> frozenset[str]:
    """Return the anchors that GitHub gives to the page's headings."""
    texts = heading_texts(path)
    return frozenset(
        re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts
    )


def _prose_lines(path: Path) -> Iterator[str]:
    is_code = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            is_code = not is_code
        elif not is_code:
            yield line


def test_cited_headings_exist():
    missing = []
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        missing += [f"{path.relative_to(ROOT)}: {each}" for each in _dead_citations(text)]
    assert not missing


def test_finds_citations_of_missing_headings(subtests):
    page = "docs/salesforce/metadata-api" + ".md"
    for heading in ["readMetadata", "simple-salesforce", "describeMetadata, and more"]:
        with subtests.test(heading):
            assert not list(_dead_citations(f"See {page}, {heading}."))
    for heading in ["writeMetadata", "Nothing", "nothing of this kind"]:
        with subtests.test(heading):
            assert list(_dead_citations(f"({page}, {heading})"))


def _dead_citations(text: str) -> Iterator[str]:
    for citation in CITATION.finditer(text):
        page = ROOT / citation[0].partition(",")[0]
        heading = re.sub(r"[\s#]+", " ", citation[1] or "").strip(" `\"'")
        if not page.exists() or (heading and not _has_heading(page, heading)):
            yield citation[0]


def _has_heading(page: Path, cited: str) -> bool:
    """Check that the citation starts with a heading; a sentence may go on after it."""
    return any(cited.startswith(heading) for heading in heading_texts(page) if heading)


def test_cited_files_exist():
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in [*CODE, *DOCUMENTS]
        for name in PATH.findall(path.read_text(encoding="utf-8"))
        if path != Path(__file__).resolve() and not (ROOT / name).exists()
    ]
    assert not missing


def test_links_in_documents_lead_to_files_and_headings():
    missing = []
    for path in DOCUMENTS:
        for target, anchor in LINK.findall(path.read_text(encoding="utf-8")):
            page = (path.parent / target).resolve() if target else path
            if not page.exists() or (anchor and anchor not in slugs(page)):
                missing.append(f"{path.relative_to(ROOT)}: {target}#{anchor}")
    assert not missing


def test_nothing_outside_the_repository_is_cited():
    outside = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in [*CODE, *DOCUMENTS]
        if path != Path(__file__).resolve()
        for match in OUTSIDE.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not outside
