"""Options of commands that can also be set in the environment."""

from typing import Any, TypeVar

from django.core.management.base import CommandError, CommandParser

from tokenx.environment import FLAG, Setting, SettingError

T = TypeVar("T")


def add_option(parser: CommandParser, setting: Setting) -> None:
    """Add the setting's option. chosen() reads it."""
    more: dict[str, Any] = {} if setting.kind is not FLAG else {"action": "store_true"}
    text = f"{setting.effect.replace('`', '')} ({setting.name})"
    parser.add_argument(setting.option, default=None, help=text.replace("%", "%%"), **more)


def chosen(options: dict[str, Any], setting: Setting[T]) -> T:
    """Return the value of the option, of the environment, or the default."""
    value: Any = options[setting.option.removeprefix("--").replace("-", "_")]
    try:
        if value is None:
            return setting.read()
        if isinstance(value, bool):
            return value  # type: ignore[return-value]  # a flag's T is bool
        return setting.value_of(str(value), where=setting.option)
    except SettingError as error:
        raise CommandError(str(error)) from error
