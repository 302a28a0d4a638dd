"""Session ids: their shape, how long they work, and what is kept of them."""

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
from tokenx.org.models import AccessToken, AuditEntry, MadeBy, Profile
from tokenx.org.record_ids import ORG, record_id
from tokenx.org.sessions import (
    LONGEST,
    create_access_token,
    log_out,
    revoke_access_token,
    session_of,
)

from .test_constraints import refuses_to

WEEK = timedelta(days=7)


def make(user, by=None, name="CI", lifetime=WEEK, context=MadeBy.SETUP):
    return create_access_token(
        user=user, name=name, lifetime=lifetime, by=by or user, context=context
    )


@pytest.fixture
def inga(org):
    return UserFactory(
        org=org, first_name="Inga", last_name="Bot", username="inga@x.example"
    )


@pytest.fixture
def made(inga):
    return make(inga)


def test_has_the_shape_that_the_salesforce_cli_demands(made, org):
    assert re.fullmatch(r"00D\w{12}![A-Za-z0-9._]{43}", made.secret)
    assert made.secret.startswith(record_id(ORG, org.pk)[:15])


def test_no_two_are_the_same(inga):
    assert len({make(inga).secret for _ in range(20)}) == 20


def test_is_a_session_of_its_user(made, inga, django_assert_num_queries):
    session_of(made.secret)

    with django_assert_num_queries(1):
        session = session_of(made.secret)
        assert session.user.org.name == inga.org.name

    assert (session.pk, session.user) == (made.token.pk, inga)


def test_any_profile_gets_a_token(org, subtests):
    for profile in Profile:
        with subtests.test(profile=profile):
            user = UserFactory(org=org, profile=profile)

            assert session_of(make(user).secret).user.profile == profile


def test_only_the_hash_is_kept_and_the_last_letters(made):
    kept = str(everything())

    assert made.secret not in kept
    assert made.secret.partition("!")[2] not in kept
    assert AccessToken.objects.get().last_letters == made.secret[-4:]
    assert len(AccessToken.objects.get().token_hash) == 64


def test_the_hash_and_the_name_are_no_session_ids(made, org):
    head = made.secret.partition("!")[0]

    for other in [made.token.token_hash, f"{head}!{made.token.token_hash}", f"{head}!CI"]:
        assert session_of(other) is None


LONG = f"00D000000000001!{'x' * 100_000}"
NONE_OF_OURS = ["", "!", "x", "00D", "00D!", "00D000000000000!", "00Dzzzzzzzzzzzz!x"]


def test_invalid_text_is_no_session(made, subtests):
    for text in [*NONE_OF_OURS, "005000000000001!abc", "\0", "🙂", "\ud800", LONG]:
        with subtests.test(text=text):
            assert session_of(text) is None


def test_each_letter_counts(made):
    head, _, tail = made.secret.partition("!")

    for other in [
        made.secret.swapcase(),
        made.secret[:-1],
        f"{made.secret}x",
        f" {made.secret}",
        f"{head}!{tail[::-1]}",
    ]:
        assert session_of(other) is None


def test_another_orgs_id_before_it_does_not_open_that_org(made):
    elsewhere = OrgFactory()
    tail = made.secret.partition("!")[2]

    assert session_of(f"{record_id(ORG, elsewhere.pk)[:15]}!{tail}") is None


def test_ends_when_it_expires(made):
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert session_of(made.secret) is None
    assert AccessToken.objects.get().status == "Expired"


def test_ends_when_it_is_revoked(made, inga, admin):
    other = make(inga)

    revoke_access_token(token=made.token, by=admin)

    assert session_of(made.secret) is None
    assert session_of(other.secret)
    assert AccessToken.objects.get(pk=made.token.pk).status == "Revoked"


def test_sleeps_while_its_user_is_not_active(made, inga):
    type(inga).objects.update(is_active=False)
    assert session_of(made.secret) is None

    type(inga).objects.update(is_active=True)
    assert session_of(made.secret)


@pytest.mark.parametrize("ended", ["expired", "revoked"])
def test_what_ended_writes_no_use_down(made, admin, ended):
    if ended == "expired":
        AccessToken.objects.update(expires_at=timezone.now())
    else:
        revoke_access_token(token=made.token, by=admin)

    session_of(made.secret)

    assert AccessToken.objects.get().last_used_at is None


def test_writes_down_when_it_was_used_once_a_minute(made, django_assert_num_queries):
    session_of(made.secret)
    used = AccessToken.objects.get().last_used_at
    assert used

    session_of(made.secret)
    assert AccessToken.objects.get().last_used_at == used

    AccessToken.objects.update(last_used_at=used - timedelta(minutes=2))
    session_of(made.secret)
    assert AccessToken.objects.get().last_used_at >= used


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_works_while_somebody_writes_for_long(made):
    """SQLite has one writer; that a session is used can wait, its user cannot."""
    writer = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")

    try:
        assert session_of(made.secret)
    finally:
        writer.close()
        connection.close()

    assert AccessToken.objects.get().last_used_at is None
    assert session_of(made.secret).last_used_at


def test_the_trail_says_who_made_and_who_revoked_it(inga, admin):
    made = make(inga, by=admin)
    revoke_access_token(token=made.token, by=admin)
    revoke_access_token(token=made.token, by=admin)

    created, revoked = AuditEntry.objects.order_by("pk")
    day = f"{made.token.expires_at:%Y-%m-%d}"
    assert (created.action, created.section) == ("createdAccessToken", "Manage Users")
    assert created.display == (
        f"Created access token CI for Inga Bot (inga@x.example), which expires on {day}"
    )
    assert revoked.action == "revokedAccessToken"
    assert revoked.display == "Revoked access token CI of Inga Bot (inga@x.example)"
    assert created.user == revoked.user == admin
    assert made.token.created_by == admin


def test_whoever_logs_out_of_one_made_in_setup_leaves_a_line(made, inga):
    log_out(session_of(made.secret))

    assert session_of(made.secret) is None
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.user) == ("revokedAccessToken", inga)
    assert entry.context == "API"


def test_what_a_session_does_has_the_api_as_its_context(inga, admin_client):
    made = make(inga)
    session = session_of(made.secret)
    set_strict_mode(org=inga.org, is_strict=True, by=session.user)
    session.user.audit_context = audit.METADATA_API
    create_apex_class(name="Check", body="", by=session.user)
    set_strict_mode(org=inga.org, is_strict=False, by=inga)

    contexts = AuditEntry.objects.order_by("pk").values_list("context", flat=True)
    assert list(contexts) == ["", "API", "Metadata API", ""]

    trail = admin_client.get("/audit-trail/")
    assert len(headings(trail)) == 6
    assertNotContains(trail, escape("Metadata API"))


def test_no_other_org_is_reached(made, inga):
    there = OrgFactory()
    namesake = UserFactory(org=there, username=inga.username)

    assert session_of(made.secret).user.org_id == inga.org_id
    assert session_of(make(namesake).secret).user.org_id == there.pk


@pytest.mark.parametrize("field", ["user", "created_by"])
def test_points_into_its_own_org_only(org, inga, field):
    stranger = UserFactory(org=OrgFactory())

    keys = {"org": org, "user": inga, "created_by": inga, field: stranger}

    refuses_to(lambda: AccessTokenFactory(**keys))


def test_nobody_of_another_org_makes_one(inga):
    with pytest.raises(ValidationError, match="in another org"):
        make(inga, by=UserFactory(org=OrgFactory()))

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
                make(inga, **values)

            assert not AccessToken.objects.exists()
            assert not AuditEntry.objects.exists()


def test_an_inactive_user_gets_no_token(org):
    gone = UserFactory(org=org, is_active=False)

    with pytest.raises(ValidationError, match="is inactive"):
        make(gone)


def test_what_ended_long_ago_makes_room(inga, org):
    def ended(days, user):
        expires_at = timezone.now() - timedelta(days=days)
        return AccessTokenFactory(user=user, expires_at=expires_at)

    other = UserFactory(org=org)
    kept = [ended(29, inga), ended(31, other)]
    ended(31, inga)

    made = make(inga)

    assert set(AccessToken.objects.all()) == {*kept, made.token}


@pytest.mark.sqlite
def test_is_found_by_its_index(made, django_assert_num_queries):
    session_of(made.secret)
    with django_assert_num_queries(1) as captured:
        session_of(made.secret)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {captured[0]['sql']}")
        steps = [step[-1] for step in cursor.fetchall()]
    assert "(org_id=? AND token_hash=?)" in steps[0], steps
    assert not [step for step in steps if step.startswith("SCAN")]
