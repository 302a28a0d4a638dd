"""A change of one enabled app, which a link carries to the page that shows it as metadata.

The link is signed. The page shows only what this server wrote into it, for the org and
handler that the change was made in.
"""

from dataclasses import astuple, dataclass
from typing import Any, NamedTuple

from django.core import signing
from django.urls import reverse

from tokenx.org.models import ClientApp

from .models import Enablement, TokenExchangeHandler

_SALT = "tokenx.handlers.enablement_change"


class Settings(NamedTuple):
    """The username and the default flag of an enabled app."""

    username: str
    is_default: bool


def settings_of(enablement: Enablement) -> Settings:
    return Settings(enablement.run_as.username, enablement.is_default)


@dataclass(frozen=True)
class EnablementChange:
    """An app's settings for a handler, before and after a click; None if not enabled."""

    kind: str
    api_name: str
    label: str
    before: Settings | None
    after: Settings | None
    # The API name of the handler that was the app's default, and the user it runs as.
    replaced_handler: str = ""
    replaced_username: str = ""

    @property
    def is_connected(self) -> bool:
        return self.kind == ClientApp.Kind.CONNECTED

    def url(self, handler: TokenExchangeHandler) -> str:
        """Return the address of the page that shows the change as metadata."""
        signed = signing.dumps(
            [handler.org_id, handler.pk, *astuple(self)], salt=_SALT, compress=True
        )
        names = [handler.developer_name]
        return reverse("metadata:enablement-change", args=names, query={"change": signed})


def change_of(
    enablement: Enablement, *, before: Settings | None, after: Settings | None
) -> EnablementChange:
    replaced = enablement.took_over_from
    return EnablementChange(
        kind=enablement.app_kind,
        api_name=enablement.app.api_name,
        label=enablement.app.label,
        before=before,
        after=after,
        replaced_handler=replaced.handler.developer_name if replaced else "",
        replaced_username=replaced.run_as.username if replaced else "",
    )


def read_change(signed: str, handler: TokenExchangeHandler) -> EnablementChange | None:
    """Return the change in a link, or None if it isn't one of this handler's changes."""
    try:
        org, pk, *values = signing.loads(signed, salt=_SALT)
    except signing.BadSignature:
        return None
    if (org, pk) != (handler.org_id, handler.pk):
        return None
    return EnablementChange(*map(_settings_or_text, values))


def _settings_or_text(value: Any) -> Any:
    return Settings(*value) if isinstance(value, list) else value
