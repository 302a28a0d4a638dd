"""Rows of classes for tests: a participant has an org whose owner is its administrator."""

from datetime import timedelta

import factory
from django.utils import timezone

from tests.factories import OrgFactory, UserFactory
from tokenx.org.models import BuiltInProfile
from tokenx.training.classes.actions import LETTERS
from tokenx.training.models import Classroom, ExerciseRun, Participant, PracticeOrg


class AdminFactory(UserFactory):
    profile = BuiltInProfile.SYSTEM_ADMINISTRATOR


class ClassroomFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Classroom

    trainer = factory.SubFactory(AdminFactory)
    org = factory.SelfAttribute("trainer.org")
    name = factory.Sequence(lambda number: f"Class {number}")
    code = factory.Faker("lexify", text="????????", letters=LETTERS)
    scenario = "first-steps"
    path = "all"
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class PracticeOrgFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PracticeOrg

    owner = factory.SubFactory(AdminFactory)
    org = factory.SelfAttribute("owner.org")
    scenario = "first-steps"


class ParticipantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Participant

    classroom = factory.SubFactory(ClassroomFactory)
    org = factory.SelfAttribute("classroom.org")
    name = factory.Sequence(lambda number: f"Person {number}")

    @factory.lazy_attribute
    def practice_org(self):
        return PracticeOrgFactory(owner__org=OrgFactory(name=self.name)).org


class ExerciseRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ExerciseRun

    org = factory.SubFactory(OrgFactory)
    started_at = factory.LazyFunction(timezone.now)
    tried_at = factory.SelfAttribute("started_at")
    conditions = 4
