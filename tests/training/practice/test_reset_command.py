"""`manage.py reset_org`: resets an org after a confirmation."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.factories import OrgFactory
from tests.rollback import rolled_back
from tokenx.handlers.actions import delete_handler
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.record_ids import ORG, record_id
from tokenx.training.practice.actions import start_practice_org


@pytest.fixture
def practice(db):
    """Start a practice org whose owner deleted all handlers."""
    owner = start_practice_org(scenario="two-handlers-one-default", name="Ada")
    for handler in TokenExchangeHandler.objects.filter(org=owner.org):
        delete_handler(handler=handler, by=owner)
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


def test_resets_the_org_after_a_yes(reset, practice, subtests):
    for answer in ["y\n", "Yes\n"]:
        with subtests.test(answer=answer), rolled_back():
            output = reset(answer=answer)

            assert handlers(practice) == 2
            assert f"Reset {practice.name} ({record_id(ORG, practice.pk)}) to" in output
            assert "[y/n]" in output


def test_any_other_answer_leaves_the_org_alone(reset, practice, subtests):
    for answer in ["n\n", "\n", "yesterday\n", ""]:
        with subtests.test(answer=answer):
            with pytest.raises(CommandError, match="The org wasn't reset"):
                reset(answer=answer)

            assert handlers(practice) == 0


def test_no_input_skips_the_question(reset, practice):
    output = reset("--no-input")

    assert handlers(practice) == 2
    assert "[y/n]" not in output


def test_one_of_several_orgs_is_selected_by_its_id(reset, practice):
    start_practice_org(scenario="empty", name="Bob")

    with pytest.raises(CommandError, match="Several orgs exist"):
        reset("--no-input")
    reset(record_id(ORG, practice.pk), "--no-input")

    assert handlers(practice) == 2


def test_an_org_without_a_scenario_is_refused(reset, db):
    org = OrgFactory()

    with pytest.raises(CommandError, match="has no scenario or snapshot"):
        reset(str(org.pk), "--no-input")


def test_an_unknown_org_is_refused(reset, practice):
    with pytest.raises(CommandError, match="Org Missing doesn't exist"):
        reset("Missing")
