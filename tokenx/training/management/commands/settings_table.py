"""`manage.py settings_table`: prints the page of all settings, docs/settings.md."""

from typing import Any

from django.core.management.base import BaseCommand

from tokenx.environment import FLAG, GROUPS, Setting

_INTRODUCTION = """\
# Settings

tokenx reads its settings from environment variables. An option of `demo` or `serve` takes
precedence over its variable. An empty variable means the default. If a value isn't valid,
tokenx doesn't start.

`manage.py settings_table` prints this page from `tokenx/environment.py`.
"""
_HEAD = "| Variable | Option | Values | Default | Effect |\n|---|---|---|---|---|"


class Command(BaseCommand):
    help = "Print the page of all settings, docs/settings.md."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(settings_page(), ending="")


def settings_page() -> str:
    """Return the page. Its groups and rows are in the order of declaration."""
    sections = [
        f"\n## {group}\n\n{_HEAD}\n" + "".join(map(_row, settings))
        for group, settings in GROUPS.items()
    ]
    return _INTRODUCTION + "".join(sections)


def _row(setting: Setting) -> str:
    cells = [
        f"`{setting.name}`",
        f"`{setting.option}`" if setting.option else "",
        setting.kind.values,
        setting.default_text or _text_of(setting),
        setting.effect,
    ]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


def _text_of(setting: Setting) -> str:
    """Return the default as it's written in the environment."""
    if setting.kind is FLAG:
        return str(int(setting.default))
    if isinstance(setting.default, list):
        return ", ".join(setting.default)
    return str(setting.default) or "none"
