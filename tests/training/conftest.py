"""Practice orgs that all tests of a module share, and a faster `manage.py demo`."""

from collections.abc import Callable, Iterator

import pytest

from tests.rollback import rolled_back
from tokenx.org.models import User
from tokenx.training.exercises import exercises
from tokenx.training.practice.actions import start_practice_org

from .exercises.exercising import Learner


@pytest.fixture(scope="module")
def owners(django_db_setup: None, django_db_blocker) -> Iterator[dict[str, User]]:
    """Build an org of each exercise's scenario, and map scenarios to the orgs' owners."""
    used = {exercise.scenario for exercise in exercises().values()}
    with django_db_blocker.unblock(), rolled_back():
        yield {
            slug: start_practice_org(scenario=slug, name="Lea Learner")
            for slug in sorted(used)
        }


@pytest.fixture
def learn(owners: dict[str, User], db: None) -> Callable[[str], Learner]:
    """Start an exercise in the shared org of its scenario. The test's end undoes it."""

    def learn(slug: str) -> Learner:
        owner = owners[exercises()[slug].scenario]
        return Learner(slug, User.objects.select_related("org").get(pk=owner.pk))

    return learn


@pytest.fixture
def plain_static_files(settings) -> None:
    """Don't compress static files: it takes most of the time of `manage.py demo`."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
