"""What forms of every package do with what was sent."""

from typing import Any


def show(form: Any, name: str, value: str) -> None:
    """Put a value into a field of a form that was sent."""
    form.data = form.data.copy()
    form.data[name] = value
