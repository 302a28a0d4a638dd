"""A demo org of a scenario, for `manage.py demo --scenario`: its people have passwords."""

from django.db import transaction

from tokenx.org.models import Org, Profile, User
from tokenx.training.models import PracticeOrg

from .build import fill
from .catalogue import Scenario

# Those who sign in, by the beginning of their username.
PEOPLE = {
    "admin": ("Ada", "Admin", Profile.SYSTEM_ADMINISTRATOR),
    "viewer": ("Vera", "Viewer", Profile.SETUP_VIEWER),
}


def username_of(who: str, scenario: Scenario) -> str:
    return f"{who}@{scenario.slug}.tokenx.example"


@transaction.atomic
def build(scenario: Scenario, *, password: str) -> User:
    """Make the org; its administrator, who may sign in."""
    org = Org.objects.create(name=scenario.org.name)
    made = []
    for who, (first_name, last_name, profile) in PEOPLE.items():
        username = username_of(who, scenario)
        person = User(org=org, username=username, email=username, profile=profile)
        person.first_name, person.last_name = first_name, last_name
        person.set_password(password)
        person.save()
        made.append(person)
    administrator = made[0]
    PracticeOrg.objects.create(org=org, owner=administrator, scenario=scenario.slug)
    fill(org, scenario, owner=administrator)
    return administrator


def put_back(org: Org, scenario: Scenario) -> None:
    """Its name, and the people who sign in as they were, except for their passwords."""
    org.name = scenario.org.name
    org.save(update_fields=["name"])
    people = User.objects.filter(org=org, can_sign_in=True).order_by("pk")
    for person, (who, (_, _, profile)) in zip(people, PEOPLE.items(), strict=False):
        person.username = username_of(who, scenario)
        person.profile, person.is_active = profile, True
        person.save()
