"""Help for each page of Setup: by the slug of its node, the sentences of its section.

The rules are Salesforce's, in our words. Source: docs/salesforce/product.md.
"""

from typing import NamedTuple

from tokenx.web.navigation import Node, node_at


class Topic(NamedTuple):
    node: Node
    sentences: tuple[str, ...]


_SENTENCES: dict[str, tuple[str, ...]] = {
    "OauthTokenExchangeHandlers": (
        "A token exchange handler validates another identity provider's tokens with an "
        "Apex class.",
        "You can enable a handler for many apps, and an app for many handlers.",
        "To open a handler, select View Details in its row menu.",
        "For Run as, enter the first letter of a first or last name. To find all names "
        "that contain a text, enter * and the text: *ion finds all integration users.",
        "The search for users lists up to 200 users.",
        "An app has at most one default handler, which runs if a token request doesn't "
        "name a handler.",
        "You can sort enabled apps by Name, Run As User, or Enabled Date if a handler has "
        "at most 100 apps.",
    ),
    "NavigationMenus": (
        "App Manager lists the connected apps and external client apps of this org.",
        "To exchange tokens, turn on Enable Token Exchange Flow in an app's settings and "
        "in its policies.",
        "An app has a consumer key as soon as it's created. You see a consumer secret "
        "only once, when it's generated.",
        "An app's row menu has View, Edit for its settings, and Manage for its policies.",
    ),
    "ConnectedApplication": (
        "This page lists connected apps. Select Manage in an app's row menu to see its "
        "policies.",
        "Permitted Users decides whether users approve the app themselves. Token exchange "
        "has no page for that, so an admin must approve them.",
    ),
    "ManageExternalClientApplication": (
        "This page lists external client apps, which Salesforce recommends for new apps.",
        "Developers control an app's settings, and admins control its policies. Both must "
        "allow token exchange.",
    ),
    "ManageUsers": (
        "A handler runs as a user. Use an integration user that doesn't represent a "
        "person.",
        "You can deactivate a user but not delete one. Handlers can't run as an inactive "
        "user.",
    ),
    "EnhancedProfiles": (
        "Each user has one profile. System administrators can change Setup. Other users "
        "can only view it.",
        "Select a profile in an app's policies to approve its users for the app.",
    ),
    "PermSets": (
        "Assign a permission set to users, and select it in an app's policies to approve "
        "them for the app.",
        "You can't delete a permission set that users have.",
    ),
    "ApexClasses": (
        "A handler's class extends Auth.Oauth2TokenExchangeHandler. It validates the "
        "token and finds the user.",
        "Run tries a class with a token. A run doesn't save anything.",
    ),
    "ApexDebugLogs": (
        "A trace flag saves debug logs of a user's requests until it expires.",
        "A debug level decides how much each category logs.",
    ),
    "SecurityRemoteProxy": (
        "Apex can call only the URLs of active remote sites.",
        "Without a remote site, a callout fails with an unauthorized endpoint error.",
    ),
    "CertificatesAndKeysManagement": (
        "Certificates sign tokens. The private key stays in this org.",
        "An expired certificate can't sign tokens that others trust.",
    ),
    "SimulatedIssuers": (
        "A simulated issuer stands in for an identity provider and signs tokens for tests.",
        "When Apex calls an issuer's URLs, the issuer responds without a network.",
    ),
    "TryIt": (
        "Try It exchanges a token and shows each decision, the request, and the response.",
        "Check Only doesn't save anything.",
    ),
    "DeployStatus": (
        "This page lists deployments from the past 30 days.",
        "Check Only tells you what would fail, and doesn't change anything.",
    ),
    "ObjectManager": (
        "Custom fields of users can hold what a handler needs, such as an ID at the "
        "identity provider.",
    ),
    "OrgLoginHistory": (
        "Login History lists logins and token requests.",
        "Select a token request to see each decision.",
    ),
    "SecurityEvents": (
        "The audit trail lists changes in Setup from the past 180 days, with who made "
        "them.",
    ),
    "NamedCredential": (
        "This page lists the named credentials that were deployed to this org.",
    ),
    "CustomMetadata": (
        "This page lists the custom metadata records that were deployed to this org.",
    ),
    "ExternalStrings": (
        "This page lists the custom labels that were deployed to this org.",
    ),
}


def topics() -> list[Topic]:
    """Return the sections in the order of the page."""
    found = ((node_at(slug), sentences) for slug, sentences in _SENTENCES.items())
    return [Topic(node, sentences) for node, sentences in found if node]
