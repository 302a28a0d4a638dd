"""docs/settings.md lists all settings, as tokenx reads them."""

import re

from tests.paths import ROOT
from tokenx.environment import SETTINGS
from tokenx.training.management.commands.settings_table import settings_page

_READ = r"os\.environ\b[^\n]*?[\"']([A-Z_]+)[\"']"
# Variables that aren't tokenx's own settings.
OTHERS = {"DJANGO_SETTINGS_MODULE", "TOKENX_TEST_POSTGRES"}


def test_the_page_is_what_the_command_prints():
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page()


def test_the_code_reads_only_declared_settings():
    declared = {setting.name for setting in SETTINGS}
    read = {
        name
        for path in (ROOT / "tokenx").rglob("*.py")
        for name in re.findall(_READ, path.read_text())
    }

    assert read - declared <= OTHERS


def test_documents_name_only_declared_settings():
    declared = {setting.name for setting in SETTINGS}
    files = [ROOT / "README.md", ROOT / "compose.yaml", ROOT / "Dockerfile"]
    named = {
        name
        for path in [*files, *(ROOT / "docs").glob("*.md")]
        for name in re.findall(r"\bTOKENX_[A-Z_]+\b", path.read_text())
    }

    assert named - declared <= OTHERS
