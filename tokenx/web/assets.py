"""A page's three assets: the style sheet, the scripts, and the icons.

A static files finder combines many small source files into these three. Tests, runserver,
and collectstatic therefore get the same files.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import lucide
from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCES = settings.CONTENT_DIR / "static"
# These come first: the tokens of the looks, and rules that other style sheets override.
FIRST = ["looks/lightning.css", "looks/cosmos.css", "base.css", "layout.css"]
LUCIDE_ICONS = [
    "app-window",
    "arrow-down",
    "bell",
    "check",
    "chevron-right",
    "circle",
    "circle-check",
    "circle-question-mark",
    "circle-x",
    "code",
    "download",
    "globe",
    "history",
    "house",
    "info",
    "key-round",
    "panel-bottom",
    "panel-left",
    "panel-right",
    "plug",
    "rocket",
    "search",
    "send",
    "settings",
    "shield",
    "table-properties",
    "triangle-alert",
    "user",
    "users",
    "wrench",
    "x",
]
# Lucide has no filled triangle for drop-down menus.
OWN_ICONS = {"triangle-down": '<path d="M4 8h16l-8 9z" fill="currentColor" stroke="none"/>'}


# Comments are a fifth of the compressed text, and indentation is a tenth.
_CSS_COMMENT = re.compile(r"/\*.*?\*/\n?", re.DOTALL)
_CSS_SPACE = re.compile(r" ?([{};,])\n\s*")
_LINE_COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)
_INDENTATION = re.compile(r"^\s+", re.MULTILINE)


class AssetStorage(CompressedManifestStaticFilesStorage):
    """File storage that hashes the names of collected files and leaves others unchanged."""

    def stored_name(self, name: str) -> str:
        return super().stored_name(name) if self.hashed_files else name


class AssetFinder(FileSystemFinder):
    """Static files finder that builds tokenx.css, tokenx.js, and icons.svg."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(app_names, *args, **kwargs)
        folder = str(settings.DATA_DIR / "assets")
        self.locations = [("", folder)]
        self.storages = {folder: FileSystemStorage(location=folder)}
        build(Path(folder))

    def check(self, **kwargs: Any) -> list[Any]:
        return []


def build(folder: Path) -> None:
    """Write each of the three files to the folder atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "tokenx.css": "".join(styles()),
        "tokenx.js": "".join(scripts()),
        "icons.svg": icon_sprite(),
    }
    for name, text in texts.items():
        with NamedTemporaryFile(
            "w", encoding="utf-8", dir=folder, delete=False
        ) as unfinished:
            unfinished.write(text)
        os.chmod(unfinished.name, 0o644)
        os.replace(unfinished.name, folder / name)


def styles() -> Iterator[str]:
    """Yield the text of each style sheet, in the order of the cascade."""
    names = {path.name for path in (SOURCES / "css").glob("*.css")}
    for name in [*FIRST, *sorted(names - set(FIRST))]:
        text = (SOURCES / "css" / name).read_text(encoding="utf-8")
        yield _CSS_SPACE.sub(r"\1", _CSS_COMMENT.sub("", text))


def scripts() -> Iterator[str]:
    """Yield the text of each script, in a block that limits its names to the script."""
    for path in sorted((SOURCES / "js").glob("*.js")):
        text = _LINE_COMMENT.sub("", path.read_text(encoding="utf-8"))
        yield f"{{\n{_INDENTATION.sub('', text)}}}\n"


def icon_sprite() -> str:
    """Return an SVG file with all icons as symbols. A page refers to an icon by #name."""
    ET.register_namespace("", "http://www.w3.org/2000/svg")
    symbols = [
        f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'
        for name, shapes in {**lucide_shapes(), **OWN_ICONS}.items()
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
        f"{''.join(symbols)}</svg>\n"
    )


def lucide_shapes() -> dict[str, str]:
    """Return the SVG content of each icon in LUCIDE_ICONS by name."""
    shapes = {}
    with ZipFile(Path(lucide.__file__).parent / "lucide.zip") as archive:
        for name in LUCIDE_ICONS:
            icon = ET.fromstring(archive.read(f"{name}.svg"))  # noqa: S314 (from a dependency)
            parts = (ET.tostring(shape, encoding="unicode") for shape in icon)
            shapes[name] = "".join(part.strip() for part in parts)
    return shapes
