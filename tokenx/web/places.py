"""Places of pages in Setup: their groups, their nodes, and their icons."""

from dataclasses import dataclass
from functools import cache

from .navigation import GROUPS, Branch, Node, node_at


@dataclass(frozen=True)
class Place:
    """A node of the Setup tree, the groups that contain it, and its icon and tile."""

    node: Node | None
    groups: tuple[str, ...]
    icon: str
    tile: str


# By slug: the icon of assets.py, and the tile of base.css.
_ICONS = {
    "ApexClasses": ("code", "apex"),
    "ApexDebugLogs": ("history", "apex"),
    "CertificatesAndKeysManagement": ("key-round", "settings"),
    "ConnectedApplication": ("plug", "connected-apps"),
    "DeployStatus": ("rocket", "apps"),
    "EnhancedProfiles": ("users", "user"),
    "ManageExternalClientApplication": ("app-window", "connected-apps"),
    "ManageUsers": ("user", "user"),
    "NavigationMenus": ("app-window", "connected-apps"),
    "OauthTokenExchangeHandlers": ("key-round", "connected-apps"),
    "ObjectManager": ("table-properties", "apps"),
    "OrgLoginHistory": ("history", "settings"),
    "PermSets": ("shield", "user"),
    "SecurityRemoteProxy": ("globe", "settings"),
    "SetupOneHome": ("house", "settings"),
    "SimulatedIssuers": ("wrench", "apps"),
    "SecurityEvents": ("history", "settings"),
    "TryIt": ("send", "apps"),
}


@cache
def place_of(slug: str) -> Place:
    """Return the place of the node with the slug. A page without a node has a gear."""
    icon, tile = _ICONS.get(slug, ("settings", "settings"))
    groups = next(
        (
            (group.label, *labels)
            for group in GROUPS
            for branch in group.branches
            if (labels := _branches_to(slug, branch))
        ),
        (),
    )
    return Place(node_at(slug), groups, icon, tile)


def _branches_to(slug: str, branch: Branch) -> tuple[str, ...]:
    """Return the labels of the branches that lead to the node; none if it isn't there."""
    for child in branch.children:
        if isinstance(child, Branch):
            if labels := _branches_to(slug, child):
                return (branch.label, *labels)
        elif child.slug == slug:
            return (branch.label,)
    return ()
