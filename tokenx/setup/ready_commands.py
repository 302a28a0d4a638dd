"""What to type to use an access token, ready to be copied, for the clients people have.

The token stands in single quotes: in others, a shell reads its `!` as a command.
"""

from typing import NamedTuple


class Ready(NamedTuple):
    """Lines to copy: what for, and the word that tells them from the others."""

    key: str
    label: str
    text: str


def ready_commands(address: str, token: str) -> list[Ready]:
    """`address` is where the client finds this server: scheme and host, with no slash."""
    sf = (
        f"SF_ACCESS_TOKEN='{token}' sf org login access-token"
        f" --instance-url {address} --alias tokenx --no-prompt"
    )
    curl = (
        f"curl --header 'Authorization: Bearer {token}' {address}/services/oauth2/userinfo"
    )
    jsforce = (
        f"const connection = new jsforce.Connection({{\n"
        f"  instanceUrl: '{address}',\n"
        f"  accessToken: '{token}',\n"
        f"}});"
    )
    return [
        Ready("sf", "Salesforce CLI", sf),
        Ready("curl", "curl", curl),
        Ready("jsforce", "jsforce", jsforce),
    ]
