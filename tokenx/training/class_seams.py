"""For now: what classes need of practice orgs and exercises, as simply as can be."""

from typing import NamedTuple

from tokenx.org.models import Org, Profile, User

from .models import ExerciseRun, PracticeOrg


class Scenario(NamedTuple):
    slug: str
    label: str


class Exercise(NamedTuple):
    slug: str
    title: str


class Path(NamedTuple):
    slug: str
    label: str
    exercises: tuple[str, ...]


def scenarios() -> dict[str, Scenario]:
    return {"first-steps": Scenario("first-steps", "First steps")}


def exercises() -> dict[str, Exercise]:
    names = {"find-the-page": "Find the page", "enable-an-app": "Enable an app"}
    return {slug: Exercise(slug, title) for slug, title in names.items()}


def paths() -> dict[str, Path]:
    return {"basics": Path("basics", "The basics", tuple(exercises()))}


def start_practice_org(
    *, scenario: str, name: str, address: str = "", classroom_name: str = ""
) -> User:
    org = Org.objects.create(name=name)
    owner = User.objects.create(
        org=org,
        username="admin@practice.example",
        last_name=name,
        email="admin@practice.example",
        profile=Profile.SYSTEM_ADMINISTRATOR,
    )
    PracticeOrg.objects.create(org=org, owner=owner, scenario=scenario)
    return owner


def reset_org(*, org: Org, by: User) -> User:
    ExerciseRun.objects.filter(org=org).delete()
    return PracticeOrg.objects.select_related("owner").get(org=org).owner
