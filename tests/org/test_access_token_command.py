"""`manage.py access_token`: a token on stdout alone, or an error that says what to do."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import OrgFactory, UserFactory
from tokenx.org.models import AccessToken, AuditEntry, MadeBy
from tokenx.org.record_ids import ORG, record_id
from tokenx.org.sessions import session_of

USERNAME = "inga@x.example"


@pytest.fixture
def inga(org):
    return UserFactory(org=org, first_name="Inga", last_name="Bot", username=USERNAME)


def run(*options):
    """What it prints, and what it says beside that."""
    out, beside = StringIO(), StringIO()
    call_command("access_token", *options, stdout=out, stderr=beside, no_color=True)
    return out.getvalue(), beside.getvalue()


def test_prints_a_token_and_nothing_else(inga):
    printed, said = run(USERNAME)

    assert printed == f"{printed.strip()}\n"
    assert session_of(printed.strip()).user == inga
    assert f"An access token for Inga Bot ({USERNAME}) of {inga.org}, until" in said
    assert printed.strip() not in said


def test_has_a_name_and_lasts_a_week_unless_told_otherwise(inga):
    run(USERNAME)
    run(USERNAME.upper(), "--name", "CI", "--days", "90")

    week, quarter = AccessToken.objects.order_by("pk")
    assert week.name == "manage.py access_token"
    assert week.expires_at - week.created_at == timedelta(days=7)
    assert (quarter.name, quarter.context) == ("CI", MadeBy.COMMAND)
    assert quarter.expires_at - quarter.created_at == timedelta(days=90)
    assert AuditEntry.objects.filter(user=inga, action="createdAccessToken").count() == 2


def refused(*options):
    with pytest.raises(CommandError) as caught:
        run(*options)
    assert caught.value.returncode == 1
    assert not AccessToken.objects.exists()
    return str(caught.value)


def test_an_unknown_user_is_refused(inga):
    assert refused("nobody@x.example") == "User nobody@x.example doesn't exist in any org."


@pytest.mark.parametrize("named", ["Elsewhere", "00D000000000000", "' OR 1=1", "00D"])
def test_an_unknown_org_is_refused(inga, named):
    said = refused(USERNAME, "--org", named)

    assert said == f"User {USERNAME} doesn't exist in the org {named}."


def test_a_username_of_several_orgs_takes_the_org_too(inga):
    there = UserFactory(org=OrgFactory(name="Elsewhere"), username=USERNAME)
    long, theirs = record_id(ORG, inga.org_id), record_id(ORG, there.org_id)

    said = refused(USERNAME)
    assert f"{inga.org} ({long}), Elsewhere ({theirs}). Use --org." in said

    for org, user in [
        ("Elsewhere", there),
        (theirs[:15], there),
        (long, inga),
        (inga.org.name, inga),
    ]:
        printed, _ = run(USERNAME, "--org", org)
        assert session_of(printed.strip()).user == user


def test_orgs_of_one_name_are_told_apart_by_id(inga):
    UserFactory(org=OrgFactory(name=inga.org.name), username=USERNAME)

    assert "exists in several orgs" in refused(USERNAME, "--org", inga.org.name)


def test_whoever_is_not_active_gets_none(inga):
    type(inga).objects.update(is_active=False)

    assert refused(USERNAME) == "Inga Bot is inactive. Activate this user first."


@pytest.mark.parametrize("days", ["0", "-1", "91", "9" * 20, f"-{'9' * 20}"])
def test_lasts_no_longer_than_ninety_days(inga, days):
    assert "up to 90 days" in refused(USERNAME, f"--days={days}")


@pytest.mark.parametrize("options", [[], [USERNAME, "--days", "many"], [USERNAME, "--x"]])
def test_wrong_options_are_refused(inga, options):
    with pytest.raises(CommandError):
        run(*options)
