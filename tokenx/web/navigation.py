"""The Setup tree: groups, branches, nodes, and Quick Find.

Names and order: docs/salesforce/product.md, Setup tree. A node's slug is the segment
in Salesforce's path: /lightning/setup/<slug>/home.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from .synonyms import SYNONYMS
from .text import fold

_SINGULAR = re.compile(r"(?<=\w\w\w)s$")


@dataclass(frozen=True)
class Node:
    """A page of Setup. A page that tokenx doesn't include says so when it opens."""

    label: str
    slug: str
    view: str = ""
    args: tuple[str, ...] = ()
    fragment: str = ""

    @property
    def url(self) -> str:
        if self.view:
            return reverse(self.view, args=self.args, fragment=self.fragment or None)
        return reverse("setup:setup-node", args=[self.slug])

    @property
    def synonyms(self) -> tuple[str, ...]:
        return SYNONYMS.get(self.slug, ())


@dataclass(frozen=True)
class Branch:
    label: str
    children: "tuple[Node | Branch, ...]"

    @property
    def slugs(self) -> set[str]:
        return {node.slug for node in _nodes(self.children)}


@dataclass(frozen=True)
class Group:
    label: str
    branches: tuple[Branch, ...]


HANDLERS = Node("Token Exchange Handlers", "OauthTokenExchangeHandlers", "handlers:list")
AUDIT_TRAIL = Node("View Setup Audit Trail", "SecurityEvents", "setup:audit-trail")
CONNECTED_APPS = ("setup:app-list", ("connected",))
EXTERNAL_APPS = ("setup:app-list", ("external",))
HOME = Node("Home", "SetupOneHome", "setup:home")

GROUPS = (
    Group(
        "Administration",
        (
            Branch(
                "Users",
                (
                    Node("Permission Set Groups", "PermSetGroups"),
                    Node("Permission Sets", "PermSets", "setup:permission-set-list"),
                    Node("Profiles", "EnhancedProfiles", "setup:profile-list"),
                    Node("Public Groups", "PublicGroups"),
                    Node("Queues", "Queues"),
                    Node("Roles", "Roles"),
                    Node("User Management Settings", "UserManagementSettings"),
                    Node("Users", "ManageUsers", "setup:user-list"),
                ),
            ),
            Branch(
                "Data",
                (
                    Node("Data Export", "DataManagementExport"),
                    Node("Data Import Wizard", "DataManagementDataImporter"),
                    Node("Duplicate Rules", "DuplicateRules"),
                    Node("Storage Usage", "CompanyResourceDisk"),
                ),
            ),
            Branch(
                "Email",
                (
                    Node("Deliverability", "OrgEmailSettings"),
                    Node("Email Log Files", "EmailLogFiles"),
                    Node("Organization-Wide Addresses", "OrgWideEmailAddresses"),
                ),
            ),
        ),
    ),
    Group(
        "Platform Tools",
        (
            Branch(
                "Apps",
                (
                    Node("App Manager", "NavigationMenus", "setup:app-manager"),
                    Branch(
                        "Connected Apps",
                        (
                            Node("Connected Apps OAuth Usage", "ConnectedAppsUsage"),
                            Node(
                                "Manage Connected Apps",
                                "ConnectedApplication",
                                *CONNECTED_APPS,
                            ),
                        ),
                    ),
                    Branch(
                        "External Client Apps",
                        (
                            Node(
                                "External Client App Manager",
                                "ManageExternalClientApplication",
                                *EXTERNAL_APPS,
                            ),
                            Node(
                                "External Client Apps OAuth Usage",
                                "ExternalClientAppsUsage",
                            ),
                            Node(
                                "External Client App Settings",
                                "ExternalClientAppSettings",
                            ),
                        ),
                    ),
                ),
            ),
            Branch("Feature Settings", (Node("Functions", "Functions"),)),
            Branch(
                "Objects and Fields",
                (
                    Node("Object Manager", "ObjectManager", "setup:user-field-list"),
                    Node("Picklist Value Sets", "Picklists"),
                    Node("Schema Builder", "SchemaBuilder"),
                ),
            ),
            Branch(
                "Events",
                (
                    Node("Event Manager", "EventManager"),
                    Node("Event Monitoring Settings", "EventMonitoring"),
                ),
            ),
            Branch(
                "Process Automation",
                (
                    Node("Approval Processes", "ApprovalProcesses"),
                    Node("Flows", "Flows"),
                    Node("Process Automation Settings", "WorkflowSettings"),
                ),
            ),
            Branch(
                "User Interface",
                (
                    Node("App Menu", "AppMenu"),
                    Node(
                        "Custom Labels",
                        "ExternalStrings",
                        "setup:stored-component-list",
                        ("CustomLabels",),
                    ),
                    Node("Themes and Branding", "ThemingAndBranding"),
                    Node("User Interface", "UserInterfaceUI"),
                ),
            ),
            Branch(
                "Custom Code",
                (
                    Node("Apex Classes", "ApexClasses", "setup:apex-class-list"),
                    Node("Apex Settings", "ApexSettings"),
                    Node("Apex Triggers", "ApexTriggers"),
                    Node(
                        "Custom Metadata Types",
                        "CustomMetadata",
                        "setup:stored-component-list",
                        ("CustomMetadata",),
                    ),
                    Node("Custom Settings", "CustomSettings"),
                ),
            ),
            Branch(
                "Environments",
                (
                    Branch(
                        "Deploy",
                        (
                            Node("Deployment Settings", "DeploymentSettings"),
                            Node(
                                "Deployment Status",
                                "DeployStatus",
                                "metadata:deployment-list",
                            ),
                        ),
                    ),
                    Branch(
                        "Logs",
                        (Node("Debug Logs", "ApexDebugLogs", "setup:debug-log-list"),),
                    ),
                    Node("Sandboxes", "DataManagementCreateTestInstance"),
                ),
            ),
            Branch(
                "User Engagement",
                (Node("In-App Guidance", "Prompts"),),
            ),
            Branch(
                "Integrations",
                (
                    Node("API", "WebServices"),
                    Node("Change Data Capture", "CdcObjectEnablement"),
                    Node("External Services", "ExternalServices"),
                ),
            ),
            Branch(
                "Notification Builder",
                (Node("Custom Notifications", "CustomNotifications"),),
            ),
        ),
    ),
    Group(
        "Settings",
        (
            Branch(
                "Company Settings",
                (
                    Node("Company Information", "CompanyProfileInfo"),
                    Node("Language Settings", "LanguageSettings"),
                    Node("My Domain", "OrgDomain"),
                ),
            ),
            Branch(
                "Data Classification",
                (Node("Data Classification Settings", "DataClassificationSettings"),),
            ),
            Branch(
                "Privacy Center",
                (Node("Consent Event Stream", "ConsentEventStream"),),
            ),
            Branch(
                "Identity",
                (
                    Node("Auth. Providers", "AuthProviders"),
                    Node("Identity Provider", "IdpPage"),
                    Node("Identity Provider Event Log", "IdpErrorLog"),
                    Node("Identity Verification", "IdentityVerification"),
                    Node("Identity Verification History", "VerificationHistory"),
                    Node("Login Flows", "LoginFlow"),
                    Node("Login History", "OrgLoginHistory", "setup:login-history"),
                    Node("OAuth Custom Scopes", "OauthCustomScope"),
                    Node("OAuth and OpenID Connect Settings", "OauthOidcSettings"),
                    Node("Single Sign-On Settings", "SingleSignOn"),
                    HANDLERS,
                ),
            ),
            Branch(
                "Security",
                (
                    Node(
                        "Certificate and Key Management",
                        "CertificatesAndKeysManagement",
                        "setup:certificate-list",
                    ),
                    Node(
                        "Named Credentials",
                        "NamedCredential",
                        "setup:stored-component-list",
                        ("NamedCredential",),
                    ),
                    Node("Network Access", "NetworkAccess"),
                    Node(
                        "Remote Site Settings",
                        "SecurityRemoteProxy",
                        "setup:remote-site-list",
                    ),
                    Node("Session Settings", "SecuritySession"),
                    Node("Simulated Issuers", "SimulatedIssuers", "setup:issuer-list"),
                    Node("Try It", "TryIt", "oauth:try-it"),
                    AUDIT_TRAIL,
                ),
            ),
        ),
    ),
    # Salesforce's Setup doesn't have these.
    Group(
        "tokenx",
        (
            Branch(
                "Help and Training",
                (
                    Node("Classes", "Classes", "training:home", fragment="home-classes"),
                    Node("Demos", "Demos", "training:home", fragment="home-demos"),
                    Node("Exercises", "Exercises", "training:exercise-list"),
                    Node("Help", "Help", "setup:help"),
                    Node("Training", "Training", "training:home"),
                ),
            ),
            Branch(
                "Tools and Settings",
                (
                    Node("API Access", "ApiAccess", "setup:own-api-access"),
                    Node("Health", "Health", "setup:health"),
                    Node("Strict Mode", "StrictMode", "setup:strict-mode"),
                ),
            ),
        ),
    ),
)


def _nodes(children: "tuple[Node | Branch, ...]") -> Iterator[Node]:
    for child in children:
        if isinstance(child, Branch):
            yield from _nodes(child.children)
        else:
            yield child


def all_nodes() -> Iterator[Node]:
    yield HOME
    for group in GROUPS:
        yield from _nodes(group.branches)


def node_at(slug: str) -> Node | None:
    return next((node for node in all_nodes() if node.slug == slug), None)


def find_nodes(typed: str) -> list[Node]:
    """Find nodes as Quick Find filters the tree (static/js/tree.js): labels come first.

    If neither a label nor a synonym matches, each word is searched on its own, in any
    order, and in the singular.
    """
    text = fold(typed)
    if not text:
        return []
    nodes = list(all_nodes())
    by_label = [node for node in nodes if text in fold(node.label)]
    by_synonym = [
        node
        for node in nodes
        if node not in by_label and any(phrase.startswith(text) for phrase in node.synonyms)
    ]
    return by_label + by_synonym or [node for node in nodes if _has_words(node, text)]


def _has_words(node: Node, text: str) -> bool:
    """Tell whether each word of the text starts a word of the label or the synonyms."""
    known = f" {' '.join([fold(node.label), *node.synonyms])}"
    return all(f" {_SINGULAR.sub('', word)}" in known for word in text.split())
