"""Exchanges tokens with Authlib and requests_oauth2client.

check-oauth.sh runs it in an environment that has these clients, and sets the variables. It
prints PASS and FAIL lines.
"""

import os
import sys
from collections.abc import Callable

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.requests_client import OAuth2Session, OAuthError
from requests_oauth2client import InvalidRequest, OAuth2Client

URL, CLIENT_ID = os.environ["BASE_URL"], os.environ["CLIENT_ID"]
SECRET, TOKEN = os.environ["CLIENT_SECRET"], os.environ["SUBJECT_TOKEN"]
GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"
# The message of the demo org's class.
REFUSED = "The token could not be validated."
ENDPOINT = f"{URL}/services/oauth2"
checks: list[tuple[str, Callable[[], None]]] = []


def check(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def add(body: Callable[[], None]) -> Callable[[], None]:
        checks.append((name, body))
        return body

    return add


def authlib_session(method: str) -> OAuth2Session:
    return OAuth2Session(CLIENT_ID, SECRET, token_endpoint_auth_method=method)


def fetch(session: OAuth2Session, token: str = TOKEN) -> dict[str, str]:
    return session.fetch_token(
        f"{ENDPOINT}/token", grant_type=GRANT, subject_token=token, subject_token_type=JWT
    )


@check("Authlib exchanges a token with Basic authentication")
def authlib_with_basic() -> None:
    assert fetch(authlib_session("client_secret_basic"))["access_token"]


@check("Authlib exchanges, refreshes, introspects, and revokes a token")
def authlib_with_body() -> None:
    session = authlib_session("client_secret_post")
    token = fetch(session)
    again = session.refresh_token(f"{ENDPOINT}/token", token["refresh_token"])
    assert again["access_token"] != token["access_token"]
    url = f"{ENDPOINT}/introspect"
    assert session.introspect_token(url, token["access_token"]).json()["active"]
    session.revoke_token(f"{ENDPOINT}/revoke", token["access_token"])
    assert not session.introspect_token(url, token["access_token"]).json()["active"]


@check("Authlib shows why a token is refused")
def authlib_refused() -> None:
    found = ""
    try:
        fetch(authlib_session("client_secret_post"), os.environ["FORGED_TOKEN"])
    except OAuthError as error:
        found = f"{error.error}: {error.description}"
    assert found == f"invalid_request: {REFUSED}", found


def requests_client() -> OAuth2Client:
    return OAuth2Client(
        f"{ENDPOINT}/token",
        client_id=CLIENT_ID,
        client_secret=SECRET,
        revocation_endpoint=f"{ENDPOINT}/revoke",
        introspection_endpoint=f"{ENDPOINT}/introspect",
        testing=True,
    )


@check("requests_oauth2client exchanges and revokes a token")
def requests_oauth2client_exchange() -> None:
    client = requests_client()
    token = client.token_exchange(
        subject_token=TOKEN,
        subject_token_type=JWT,
        token_handler=os.environ["TOKEN_HANDLER"],
    )
    assert token.access_token
    assert client.introspect_token(token.access_token)["active"]
    assert client.revoke_access_token(token.access_token)
    assert not client.introspect_token(token.access_token)["active"]


@check("requests_oauth2client shows why a token is refused")
def requests_oauth2client_refused() -> None:
    found = ""
    try:
        requests_client().token_exchange(
            subject_token=os.environ["FORGED_TOKEN"], subject_token_type=JWT
        )
    except InvalidRequest as error:
        found = str(error.description)
    assert found == REFUSED, found


def main() -> int:
    failed = 0
    for name, body in checks:
        try:
            body()
        except Exception as error:
            failed += 1
            print(f"FAIL {name}: {type(error).__name__} {error}"[:500])
        else:
            print(f"PASS {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
