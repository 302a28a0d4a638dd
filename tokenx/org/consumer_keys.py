"""Consumer keys, which identify an app on the whole server. Every app has one."""

import secrets

LENGTH = 85


def new_consumer_key() -> str:
    """Return a random key in the form of Salesforce's."""
    return f"3MVG9{secrets.token_urlsafe(60)}"
