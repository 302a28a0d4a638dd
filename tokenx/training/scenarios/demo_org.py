"""The orgs of `manage.py demo`: built from a scenario, with users who have passwords."""

from django.db import transaction

from tokenx.org.models import BuiltInProfile, Org, Profile, User
from tokenx.training.models import PracticeOrg

from .build import fill
from .catalogue import DEMO, Scenario, find_scenario

# The users who sign in, by the start of their usernames.
_SIGN_IN_USERS = {
    "admin": ("Ada", "Admin", BuiltInProfile.SYSTEM_ADMINISTRATOR),
    "viewer": ("Vera", "Viewer", BuiltInProfile.SETUP_VIEWER),
}


def sign_in_name(start: str, slug: str = DEMO) -> str:
    """Return the username of the admin or the viewer in the demo org of a scenario."""
    domain = "tokenx.example" if slug == DEMO else f"{slug}.tokenx.example"
    return f"{start}@{domain}"


def documented_names(slug: str) -> dict[str, str]:
    """Map the usernames in the README to those of the scenario's demo org."""
    return {sign_in_name(start): sign_in_name(start, slug) for start in _SIGN_IN_USERS}


@transaction.atomic
def build_demo_org(scenario: Scenario | None = None, *, password: str) -> User:
    """Build an org from a scenario, and return its administrator, who can sign in.

    Raise IntegrityError if the org exists: a username can sign in to one org only.
    """
    scenario = scenario or find_scenario(DEMO)
    org = Org.objects.create(name=scenario.org.name)
    users = []
    profiles = Profile.objects.built_in_by_kind(org)
    for start, (first_name, last_name, kind) in _SIGN_IN_USERS.items():
        username = sign_in_name(start, scenario.slug)
        user = User(org=org, username=username, email=username, profile=profiles[kind])
        user.first_name, user.last_name = first_name, last_name
        user.set_password(password)
        user.save()
        users.append(user)
    administrator = users[0]
    PracticeOrg.objects.create(org=org, owner=administrator, scenario=scenario.slug)
    fill(org, scenario, owner=administrator)
    return administrator


def restore_sign_in_users(org: Org, scenario: Scenario) -> None:
    """Restore the org's name and the users who sign in, except for their passwords."""
    org.name = scenario.org.name
    org.save(update_fields=["name"])
    users = User.objects.filter(org=org, can_sign_in=True).order_by("pk")
    profiles = Profile.objects.built_in_by_kind(org)
    for user, (start, (_, _, kind)) in zip(users, _SIGN_IN_USERS.items(), strict=False):
        user.username = sign_in_name(start, scenario.slug)
        user.profile, user.is_active = profiles[kind], True
        user.reset_short_names()
        user.save()
