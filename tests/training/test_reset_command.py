"""`manage.py reset_org`: one command, which asks first."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.factories import OrgFactory
from tokenx.handlers.actions import delete_handler
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.record_ids import ORG, record_id
from tokenx.training.practice import start_practice_org


@pytest.fixture
def practice(db):
    """The org of somebody who has thrown its handlers away."""
    owner = start_practice_org(scenario="two-handlers-one-default", name="Ada")
    for each in TokenExchangeHandler.objects.filter(org=owner.org):
        delete_handler(handler=each, by=owner)
    return owner.org


@pytest.fixture
def reset(monkeypatch):
    def reset(*arguments, answer=None):
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
        out = io.StringIO()
        call_command("reset_org", *arguments, stdout=out)
        return out.getvalue()

    return reset


def handlers(org):
    return TokenExchangeHandler.objects.filter(org=org).count()


@pytest.mark.parametrize("answer", ["y\n", "Yes\n"])
def test_whoever_says_yes_has_the_org_as_it_was(reset, practice, answer):
    said = reset(answer=answer)

    assert handlers(practice) == 2
    assert f"Put {practice.name} ({record_id(ORG, practice.pk)}) back to" in said
    assert "[y/N]" in said


@pytest.mark.parametrize("answer", ["n\n", "\n", "yesterday\n", ""])
def test_any_other_answer_and_none_leave_it_alone(reset, practice, answer):
    with pytest.raises(CommandError, match="Nothing was reset"):
        reset(answer=answer)

    assert handlers(practice) == 0


def test_a_script_says_that_it_is_meant(reset, practice):
    said = reset("--no-input")

    assert handlers(practice) == 2
    assert "[y/N]" not in said


def test_one_of_several_is_named_by_its_id(reset, practice):
    start_practice_org(scenario="empty", name="Bob")

    with pytest.raises(CommandError, match="several orgs"):
        reset("--no-input")
    reset(record_id(ORG, practice.pk), "--no-input")

    assert handlers(practice) == 2


def test_an_org_that_was_made_from_nothing_is_left_alone(reset, db):
    org = OrgFactory()

    with pytest.raises(CommandError, match="was not made from a scenario"):
        reset(str(org.pk), "--no-input")


def test_an_org_that_is_none_is_refused(reset, practice):
    with pytest.raises(CommandError, match="There is no org Nobody"):
        reset("Nobody")
