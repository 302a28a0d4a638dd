"""The errors of token requests, with their causes and fixes.

The page, the search box, and docs/token-errors.md have these rows. The descriptions are
those of docs/salesforce/oauth.md, "Error descriptions", and of tokenx's own decisions.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tokenx.web.text import fold

# A pasted text can be a whole log.
MAX_PASTED = 20_000
_WORD = re.compile(r"[a-z0-9_]{3,}")
_OTHER_FLOW = "It belongs to an OAuth flow that tokenx doesn't have."


@dataclass(frozen=True)
class TokenError:
    """An error as clients get it, with its cause and fix.

    `key` is its name in URLs. `fault` is the name of the function that brings an org into
    its state; without one, `why_not` says why tokenx can't.
    """

    key: str
    error: str
    description: str
    cause: str
    repair: str
    fault: str = ""
    why_not: str = ""
    # Other texts of the same error.
    also: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return self.description or self.error

    @property
    def text(self) -> str:
        """Return the error with its description."""
        return f"{self.error}: {self.description}" if self.description else self.error


TOKEN_ERRORS = (
    TokenError(
        "no-default-handler",
        "invalid_request",
        "token handler not found",
        "The request names no handler, and the app has no default handler.",
        "On the handler's page, edit the enabled app and make the handler its default. Or "
        "send the handler's API name in token_handler.",
        fault="remove_default",
    ),
    TokenError(
        "handler-not-enabled-for-app",
        "invalid_request",
        "token handler not found",
        "The named handler doesn't exist, or the app isn't enabled for it.",
        "Correct token_handler, or enable the app on the handler's page.",
        fault="name_unknown_handler",
    ),
    TokenError(
        "token-refused",
        "invalid_request",
        "token handler validation failed",
        "The handler's class returned false or null from validateIncomingToken, or threw "
        "an exception. The token can be expired, forged, or for another audience.",
        "Open the request in Login History. The failed decision shows the reason. In "
        "Salesforce, only the Run As user's debug log shows it.",
        fault="forge_token",
    ),
    TokenError(
        "remote-site-missing",
        "invalid_request",
        "token handler validation failed",
        "The class calls the identity provider, but its address isn't in Remote Site "
        "Settings. The callout throws a CalloutException: Unauthorized endpoint.",
        "Add the address, such as the keys URL's host, to Remote Site Settings.",
        fault="deactivate_remote_sites",
        also=("Unauthorized endpoint, please check Setup->Security->Remote site settings",),
    ),
    TokenError(
        "class-broken",
        "invalid_request",
        "token handler validation failed",
        "The handler's Apex class doesn't compile, so it can't run.",
        "Edit the class, correct the errors, and save it.",
        fault="break_class",
    ),
    TokenError(
        "run-as-inactive",
        "invalid_request",
        "token handler validation failed",
        "The handler's Run As user is inactive.",
        "Activate the Run As user, or select another user on the handler's page.",
        fault="deactivate_run_as",
    ),
    TokenError(
        "handler-disabled",
        "invalid_request",
        "token handler disabled",
        "The handler is disabled. Salesforce's description isn't known, and this one is "
        "tokenx's.",
        "Enable the handler on its page.",
        fault="disable_handler",
    ),
    TokenError(
        "settings-off",
        "unsupported_grant_type",
        "grant type not supported",
        "Token exchange is turned off in the app's settings, or the grant type is "
        "misspelled.",
        "Edit the app's settings and select Enable Token Exchange Flow.",
        fault="turn_off_settings",
    ),
    TokenError(
        "policies-off",
        "oauth_flow_disabled",
        "app not enabled for token exchange",
        "Token exchange is turned on in the app's settings but off in its policies.",
        "Edit the app's policies and select Enable Token Exchange Flow.",
        fault="turn_off_policies",
    ),
    TokenError(
        "type-unknown",
        "unsupported_token_type",
        "subject token type not supported",
        "The value of subject_token_type isn't one of the five token types.",
        "Send a value such as urn:ietf:params:oauth:token-type:jwt.",
        fault="send_unknown_type",
    ),
    TokenError(
        "type-not-taken",
        "unsupported_token_type",
        "subject token type not supported by the token handler",
        "The handler doesn't support this token type.",
        "Edit the handler and select the token type, or send another type.",
        fault="send_untaken_type",
    ),
    TokenError(
        "token-missing",
        "invalid_request",
        "missing required parameter: subject_token",
        "The request has no subject token, or no subject_token_type.",
        "Send both parameters in the form body.",
        fault="send_no_token",
    ),
    TokenError(
        "token-too-long",
        "invalid_grant",
        "subject token longer than 10000 characters",
        "The subject token is longer than Salesforce accepts.",
        "Configure the identity provider to put fewer claims in the token.",
        fault="send_long_token",
    ),
    TokenError(
        "no-user",
        "invalid_grant",
        "no active user found for the token",
        "The class returned null, an inactive user, or another org's user. Or it returned "
        "a new user, but the handler doesn't allow user creation. Salesforce's description "
        "isn't known, and this one is tokenx's.",
        "Check the user's Federation ID or username, activate the user, or allow user "
        "creation on the handler's page.",
        fault="deactivate_people",
    ),
    TokenError(
        "not-preauthorized",
        "invalid_app_access",
        "user is not admin approved to access this app",
        "The app is for admin approved users, and the user has none of its profiles or "
        "permission sets.",
        "Edit the app's policies and add the user's profile or one of the user's "
        "permission sets.",
        fault="remove_approval",
        also=("OAUTH_APP_ACCESS_DENIED",),
    ),
    TokenError(
        "not-self-authorized",
        "invalid_grant",
        "user hasn't approved this consumer",
        "The app lets users authorize it themselves, and this user hasn't. Token exchange "
        "has no consent screen.",
        "Edit the app's policies. Select Admin approved users are pre-authorized, and add "
        "a profile or a permission set.",
        fault="require_self_authorization",
    ),
    TokenError(
        "scope-not-allowed",
        "invalid_scope",
        "scope not allowed for this app",
        "The request contains a scope that the app doesn't have.",
        "Request fewer scopes, or add the scope to the app's settings.",
        fault="send_other_scope",
    ),
    TokenError(
        "client-unknown",
        "invalid_client_id",
        "client identifier invalid",
        "No app has this consumer key.",
        "Copy the consumer key from the app's page. Salesforce can take up to 15 minutes "
        "to apply a change.",
        fault="send_unknown_client",
    ),
    TokenError(
        "secret-invalid",
        "invalid_client",
        "invalid client credentials",
        "The consumer secret is incorrect, or the app requires one and the request has "
        "none.",
        "Rotate the secret on the app's page and send the new one.",
        fault="send_invalid_secret",
    ),
    TokenError(
        "grant-type-unknown",
        "unsupported_grant_type",
        "grant type not supported",
        "The server doesn't support this grant type.",
        "Send urn:ietf:params:oauth:grant-type:token-exchange.",
        fault="send_unknown_grant_type",
    ),
    TokenError(
        "refresh-token-ended",
        "invalid_grant",
        "expired access/refresh token",
        "The refresh token was revoked, has expired, or was replaced.",
        "Exchange a subject token again. Check the app's refresh token policy.",
        fault="send_unknown_refresh_token",
    ),
    TokenError(
        "server-busy",
        "service_unavailable",
        "server too busy",
        "Too many Apex classes are running. The description is tokenx's.",
        "Wait for the number of seconds in the Retry-After header, and send the request "
        "again.",
        why_not="It occurs only while other requests run Apex classes.",
    ),
    TokenError(
        "app-not-installed",
        "app_not_found",
        "External client app is not installed in this org",
        "The external client app is in another org, or was uninstalled.",
        "Deploy or install the app in this org.",
        also=("OAUTH_EC_APP_NOT_FOUND",),
        why_not="All of tokenx's orgs share an address, and the consumer key selects the "
        "org.",
    ),
    TokenError(
        "redirect-mismatch",
        "redirect_uri_mismatch",
        "redirect_uri must match configuration",
        "The request's callback URL doesn't exactly match one of the app's.",
        "Add the URL to the app's settings. localhost and 127.0.0.1 don't match.",
        why_not=_OTHER_FLOW,
    ),
    TokenError(
        "code-expired",
        "invalid_grant",
        "expired authorization code",
        "The authorization code was used before or is too old.",
        "Log in again, and exchange the code immediately.",
        why_not=_OTHER_FLOW,
    ),
    TokenError(
        "login-refused",
        "invalid_grant",
        "authentication failure",
        "The username, password, or security token is incorrect.",
        "Correct the credentials, or reset the security token.",
        why_not=_OTHER_FLOW,
    ),
    TokenError(
        "ip-restricted",
        "invalid_grant",
        "ip restricted",
        "The profile's login IP ranges or login hours don't allow the login.",
        "Change the profile's ranges or hours, or relax IP restrictions in the app's "
        "policies.",
        also=("ip restricted or invalid login hours",),
        why_not="tokenx has no login IP ranges.",
    ),
    TokenError(
        "audience-refused",
        "invalid_grant",
        "Audience validation failed",
        "The assertion's audience isn't Salesforce's login address.",
        "Set the audience to https://login.salesforce.com or https://test.salesforce.com.",
        why_not=_OTHER_FLOW,
    ),
    TokenError(
        "no-client-credentials-user",
        "invalid_grant",
        "no client credentials user enabled",
        "The app has no Run As user for the client credentials flow.",
        "Edit the app's policies and select a user.",
        why_not=_OTHER_FLOW,
    ),
    TokenError(
        "client-credentials-off",
        "invalid_grant",
        "client credentials flow not enabled",
        "The client credentials flow is turned off for the app.",
        "Turn it on in the app's settings and policies.",
        why_not=_OTHER_FLOW,
    ),
    TokenError(
        "domain-not-supported",
        "invalid_grant",
        "request not supported on this domain",
        "The request went to login.salesforce.com or test.salesforce.com.",
        "Send it to the org's My Domain address.",
        why_not=_OTHER_FLOW,
    ),
    TokenError(
        "no-valid-scopes",
        "invalid_grant",
        "no valid scopes defined",
        "The app has no scope that the client credentials flow can use.",
        "Add a scope such as api to the app's settings.",
        why_not=_OTHER_FLOW,
    ),
    TokenError(
        "device-pending",
        "authorization_pending",
        "",
        "The user hasn't entered the device's code yet.",
        "Poll again after the interval. If you get slow_down, wait longer.",
        also=("slow_down",),
        why_not=_OTHER_FLOW,
    ),
    TokenError(
        "access-denied",
        "access_denied",
        "",
        "The user refused access, or the login ended before it was granted.",
        "Log in again and allow access.",
        why_not=_OTHER_FLOW,
    ),
)
_BY_KEY = {each.key: each for each in TOKEN_ERRORS}


def find_token_error(key: str) -> TokenError | None:
    """Return the error with this key, or None."""
    return _BY_KEY.get(key)


def explain(pasted: str) -> list[TokenError]:
    """Return the errors in a pasted text, such as JSON, a log, or a redirect's URL.

    Match descriptions first. Without a match, return the errors with the pasted code.
    """
    text = _plain(pasted[:MAX_PASTED])
    found = [each for each in TOKEN_ERRORS if any(_occurs(t, text) for t in _texts(each))]
    if not found:
        found = [each for each in TOKEN_ERRORS if each.error and each.error in text.split()]
    return found


def _texts(error: TokenError) -> Iterator[str]:
    yield from filter(None, [error.description, *error.also])


def _occurs(text: str, plain: str) -> bool:
    return f" {_plain(text)} " in f" {plain} "


def _plain(text: str) -> str:
    """Return the words of a text, without signs, escapes, and differences in case."""
    text = text.replace("+", " ").replace("%20", " ").replace("%27", "'")
    text = text.replace("\\u0027", "'").replace("&#x27;", "'").replace("&#39;", "'")
    return " ".join(_WORD.findall(fold(text).replace("'", "")))


def errors_by_code(errors: Iterable[TokenError]) -> dict[str, list[TokenError]]:
    """Return the errors grouped by their codes, in their order."""
    groups: dict[str, list[TokenError]] = {}
    for each in errors:
        groups.setdefault(each.error, []).append(each)
    return groups
