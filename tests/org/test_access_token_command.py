"""`manage.py access_token`: only the token on stdout, or an error with a solution."""

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
    """Run the command, and return its output and its messages."""
    out, messages = StringIO(), StringIO()
    call_command("access_token", *options, stdout=out, stderr=messages, no_color=True)
    return out.getvalue(), messages.getvalue()


def test_prints_a_token_and_nothing_else(inga):
    printed, message = run(USERNAME)

    assert printed == f"{printed.strip()}\n"
    assert session_of(printed.strip()).user == inga
    assert f"An access token for Inga Bot ({USERNAME}) of {inga.org}, until" in message
    assert printed.strip() not in message


def test_name_and_lifetime_have_defaults(inga):
    run(USERNAME)
    run(USERNAME.upper(), "--name", "CI", "--days", "90")

    week, quarter = AccessToken.objects.order_by("pk")
    assert week.name == "manage.py access_token"
    assert week.expires_at - week.created_at == timedelta(days=7)
    assert (quarter.name, quarter.context) == ("CI", MadeBy.COMMAND)
    assert quarter.expires_at - quarter.created_at == timedelta(days=90)
    assert AuditEntry.objects.filter(user=inga, action="createdAccessToken").count() == 2


def error_of(*options):
    with pytest.raises(CommandError) as caught:
        run(*options)
    assert caught.value.returncode == 1
    assert not AccessToken.objects.exists()
    return str(caught.value)


def test_an_unknown_user_is_refused(inga):
    assert (
        error_of("unknown@x.example") == "User unknown@x.example doesn't exist in any org."
    )


@pytest.mark.parametrize("named", ["Elsewhere", "00D000000000000", "' OR 1=1", "00D"])
def test_an_unknown_org_is_refused(inga, named):
    message = error_of(USERNAME, "--org", named)

    assert message == f"User {USERNAME} doesn't exist in the org {named}."


def test_a_username_in_several_orgs_requires_the_org(inga):
    namesake = UserFactory(org=OrgFactory(name="Elsewhere"), username=USERNAME)
    long, theirs = record_id(ORG, inga.org_id), record_id(ORG, namesake.org_id)

    message = error_of(USERNAME)
    assert f"{inga.org} ({long}), Elsewhere ({theirs}). Use --org." in message

    for org, user in [
        ("Elsewhere", namesake),
        (theirs[:15], namesake),
        (long, inga),
        (inga.org.name, inga),
    ]:
        printed, _ = run(USERNAME, "--org", org)
        assert session_of(printed.strip()).user == user


def test_orgs_with_the_same_name_require_an_id(inga):
    UserFactory(org=OrgFactory(name=inga.org.name), username=USERNAME)

    assert "exists in several orgs" in error_of(USERNAME, "--org", inga.org.name)


def test_an_inactive_user_gets_no_token_from_the_command(inga):
    type(inga).objects.update(is_active=False)

    assert error_of(USERNAME) == "Inga Bot is inactive. Activate this user first."


@pytest.mark.parametrize("days", ["0", "-1", "91", "9" * 20, f"-{'9' * 20}"])
def test_a_lifetime_must_be_1_to_90_days(inga, days):
    assert "up to 90 days" in error_of(USERNAME, f"--days={days}")


@pytest.mark.parametrize("options", [[], [USERNAME, "--days", "many"], [USERNAME, "--x"]])
def test_invalid_options_are_refused(inga, options):
    with pytest.raises(CommandError):
        run(*options)
