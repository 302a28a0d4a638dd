"""Session IDs: their format, lifetime, and storage."""

import re
import sqlite3
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.html import escape
from pytest_django.asserts import assertNotContains

from tests.addresses import everything
from tests.factories import AccessTokenFactory, OrgFactory, UserFactory
from tests.read import headings
from tokenx.handlers.strict_mode import set_strict_mode
from tokenx.org import audit
from tokenx.org.actions import create_apex_class
from tokenx.org.models import AccessToken, AuditEntry, BuiltInProfile, MadeBy
from tokenx.org.record_ids import ORG, record_id
from tokenx.org.sessions import (
    LONGEST,
    create_access_token,
    log_out,
    revoke_access_token,
    session_of,
)

from .test_constraints import assert_change_refused

WEEK = timedelta(days=7)


def issue(user, by=None, name="CI", lifetime=WEEK, context=MadeBy.SETUP):
    return create_access_token(
        user=user, name=name, lifetime=lifetime, by=by or user, context=context
    )


@pytest.fixture
def inga(org):
    return UserFactory(
        org=org, first_name="Inga", last_name="Bot", username="inga@x.example"
    )


@pytest.fixture
def issued(inga):
    return issue(inga)


def test_has_the_format_that_the_salesforce_cli_requires(issued, org):
    assert re.fullmatch(r"00D\w{12}![A-Za-z0-9._]{43}", issued.secret)
    assert issued.secret.startswith(record_id(ORG, org.pk)[:15])


def test_session_ids_are_unique(inga):
    assert len({issue(inga).secret for _ in range(20)}) == 20


def test_opens_a_session_of_its_user(issued, inga, django_assert_num_queries):
    session_of(issued.secret)

    with django_assert_num_queries(1):
        session = session_of(issued.secret)
        assert session.user.org.name == inga.org.name

    assert (session.pk, session.user) == (issued.token.pk, inga)


def test_any_profile_gets_a_token(org, subtests):
    for profile in BuiltInProfile:
        with subtests.test(profile=profile):
            user = UserFactory(org=org, profile=profile)

            assert session_of(issue(user).secret).user.profile.kind == profile


def test_only_the_hash_and_the_last_characters_are_stored(issued):
    stored = str(everything())

    assert issued.secret not in stored
    assert issued.secret.partition("!")[2] not in stored
    assert AccessToken.objects.get().last_letters == issued.secret[-4:]
    assert len(AccessToken.objects.get().token_hash) == 64


def test_the_hash_and_the_name_are_not_session_ids(issued, org):
    head = issued.secret.partition("!")[0]

    for other in [
        issued.token.token_hash,
        f"{head}!{issued.token.token_hash}",
        f"{head}!CI",
    ]:
        assert session_of(other) is None


LONG = f"00D000000000001!{'x' * 100_000}"
NONE_OF_OURS = ["", "!", "x", "00D", "00D!", "00D000000000000!", "00Dzzzzzzzzzzzz!x"]


def test_invalid_text_is_no_session(issued, subtests):
    for text in [*NONE_OF_OURS, "005000000000001!abc", "\0", "🙂", "\ud800", LONG]:
        with subtests.test(text=text):
            assert session_of(text) is None


def test_every_character_counts(issued):
    head, _, tail = issued.secret.partition("!")

    for other in [
        issued.secret.swapcase(),
        issued.secret[:-1],
        f"{issued.secret}x",
        f" {issued.secret}",
        f"{head}!{tail[::-1]}",
    ]:
        assert session_of(other) is None


def test_another_orgs_id_as_a_prefix_does_not_open_that_org(issued):
    elsewhere = OrgFactory()
    tail = issued.secret.partition("!")[2]

    assert session_of(f"{record_id(ORG, elsewhere.pk)[:15]}!{tail}") is None


def test_stops_working_when_it_expires(issued):
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert session_of(issued.secret) is None
    assert AccessToken.objects.get().status == "Expired"


def test_stops_working_when_it_is_revoked(issued, inga, admin):
    other = issue(inga)

    revoke_access_token(token=issued.token, by=admin)

    assert session_of(issued.secret) is None
    assert session_of(other.secret)
    assert AccessToken.objects.get(pk=issued.token.pk).status == "Revoked"


def test_does_not_work_while_its_user_is_inactive(issued, inga):
    type(inga).objects.update(is_active=False)
    assert session_of(issued.secret) is None

    type(inga).objects.update(is_active=True)
    assert session_of(issued.secret)


@pytest.mark.parametrize("ended", ["expired", "revoked"])
def test_an_expired_or_revoked_token_records_no_use(issued, admin, ended):
    if ended == "expired":
        AccessToken.objects.update(expires_at=timezone.now())
    else:
        revoke_access_token(token=issued.token, by=admin)

    session_of(issued.secret)

    assert AccessToken.objects.get().last_used_at is None


def test_records_its_last_use_once_a_minute(issued, django_assert_num_queries):
    session_of(issued.secret)
    used = AccessToken.objects.get().last_used_at
    assert used

    session_of(issued.secret)
    assert AccessToken.objects.get().last_used_at == used

    AccessToken.objects.update(last_used_at=used - timedelta(minutes=2))
    session_of(issued.secret)
    assert AccessToken.objects.get().last_used_at >= used


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_works_during_a_long_write(issued):
    """Hold SQLite's only write lock. Sessions work, and record their use later."""
    writer = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")

    try:
        assert session_of(issued.secret)
    finally:
        writer.close()
        connection.close()

    assert AccessToken.objects.get().last_used_at is None
    assert session_of(issued.secret).last_used_at


def test_the_audit_trail_names_who_created_and_revoked_it(inga, admin):
    issued = issue(inga, by=admin)
    revoke_access_token(token=issued.token, by=admin)
    revoke_access_token(token=issued.token, by=admin)

    created, revoked = AuditEntry.objects.order_by("pk")
    day = f"{issued.token.expires_at:%Y-%m-%d}"
    assert (created.action, created.section) == ("createdAccessToken", "Manage Users")
    assert created.display == (
        f"Created access token CI for Inga Bot (inga@x.example), which expires on {day}"
    )
    assert revoked.action == "revokedAccessToken"
    assert revoked.display == "Revoked access token CI of Inga Bot (inga@x.example)"
    assert created.user == revoked.user == admin
    assert issued.token.created_by == admin


def test_logging_out_of_a_token_from_setup_is_audited(issued, inga):
    log_out(session_of(issued.secret))

    assert session_of(issued.secret) is None
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.user) == ("revokedAccessToken", inga)
    assert entry.context == "API"


def test_a_sessions_changes_have_the_api_as_their_context(inga, admin_client):
    issued = issue(inga)
    session = session_of(issued.secret)
    set_strict_mode(org=inga.org, is_strict=True, by=session.user)
    session.user.audit_context = audit.METADATA_API
    create_apex_class(name="Check", body="", by=session.user)
    set_strict_mode(org=inga.org, is_strict=False, by=inga)

    contexts = AuditEntry.objects.order_by("pk").values_list("context", flat=True)
    assert list(contexts) == ["", "API", "Metadata API", ""]

    trail = admin_client.get("/audit-trail/")
    assert len(headings(trail)) == 6
    assertNotContains(trail, escape("Metadata API"))


def test_reaches_no_other_org(issued, inga):
    elsewhere = OrgFactory()
    namesake = UserFactory(org=elsewhere, username=inga.username)

    assert session_of(issued.secret).user.org_id == inga.org_id
    assert session_of(issue(namesake).secret).user.org_id == elsewhere.pk


@pytest.mark.parametrize("field", ["user", "created_by"])
def test_refers_only_to_rows_of_its_own_org(org, inga, field):
    stranger = UserFactory(org=OrgFactory())

    keys = {"org": org, "user": inga, "created_by": inga, field: stranger}

    assert_change_refused(lambda: AccessTokenFactory(**keys))


def test_users_of_another_org_cannot_create_tokens(inga):
    with pytest.raises(ValidationError, match="in another org"):
        issue(inga, by=UserFactory(org=OrgFactory()))

    assert not AccessToken.objects.exists()
    assert not AuditEntry.objects.exists()


def test_refuses_an_invalid_name_or_lifetime(inga, subtests):
    for values, message in [
        ({"name": ""}, "cannot be blank"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"lifetime": timedelta(0)}, "up to 90 days"),
        ({"lifetime": -WEEK}, "up to 90 days"),
        ({"lifetime": LONGEST + timedelta(seconds=1)}, "up to 90 days"),
    ]:
        with subtests.test(values=values):
            with pytest.raises(ValidationError, match=message):
                issue(inga, **values)

            assert not AccessToken.objects.exists()
            assert not AuditEntry.objects.exists()


def test_an_inactive_user_gets_no_token(org):
    inactive = UserFactory(org=org, is_active=False)

    with pytest.raises(ValidationError, match="is inactive"):
        issue(inactive)


def test_a_new_token_deletes_the_users_long_expired_ones(inga, org):
    def ended(days, user):
        expires_at = timezone.now() - timedelta(days=days)
        return AccessTokenFactory(user=user, expires_at=expires_at)

    other = UserFactory(org=org)
    expected = [ended(29, inga), ended(31, other)]
    ended(31, inga)

    issued = issue(inga)

    assert set(AccessToken.objects.all()) == {*expected, issued.token}


@pytest.mark.sqlite
def test_is_looked_up_by_its_index(issued, django_assert_num_queries):
    session_of(issued.secret)
    with django_assert_num_queries(1) as captured:
        session_of(issued.secret)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {captured[0]['sql']}")
        steps = [step[-1] for step in cursor.fetchall()]
    assert "(org_id=? AND token_hash=?)" in steps[0], steps
    assert not [step for step in steps if step.startswith("SCAN")]
