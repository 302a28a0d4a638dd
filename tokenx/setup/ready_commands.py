"""Commands to copy that use an access token with common clients.

The token is in single quotes because a shell would interpret its `!` in double quotes.
"""

from typing import NamedTuple
from urllib.parse import urljoin

from django.urls import reverse


class ReadyCommand(NamedTuple):
    """A client's key and label, and the lines to copy."""

    key: str
    label: str
    text: str


def ready_commands(address: str, token: str) -> list[ReadyCommand]:
    """List the commands. `address` is this server's scheme and host, without a slash."""
    sf = (
        f"SF_ACCESS_TOKEN='{token}' sf org login access-token"
        f" --instance-url {address} --alias tokenx --no-prompt"
    )
    user_info = urljoin(address, reverse("oauth:user-info"))
    curl = f"curl --header 'Authorization: Bearer {token}' {user_info}"
    jsforce = (
        f"const connection = new jsforce.Connection({{\n"
        f"  instanceUrl: '{address}',\n"
        f"  accessToken: '{token}',\n"
        f"}});"
    )
    return [
        ReadyCommand("sf", "Salesforce CLI", sf),
        ReadyCommand("curl", "curl", curl),
        ReadyCommand("jsforce", "jsforce", jsforce),
    ]
