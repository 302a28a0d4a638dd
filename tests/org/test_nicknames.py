"""Unique nicknames: proposals, and the migration of existing users."""

import sqlite3
from contextlib import closing

import pytest
from django.db import IntegrityError, transaction

from tests.database import NAME
from tests.factories import UserFactory
from tokenx.org.models import User
from tokenx.org.nicknames import Nicknames, base_of

BEFORE, AFTER = "0019_custom_metadata_details", "0020_unique_nicknames"
USER = (
    "INSERT INTO org_user (id, org_id, username, nickname, alias, first_name, last_name,"
    " email, profile_id, is_active, is_integration_user, can_sign_in, password, name_key,"
    " last_key, time_zone, locale, language, email_encoding, federation_id, custom_values)"
    " VALUES (?, ?, ?, ?, 'a', 'A', 'D', 'a@x.example', ?, 1, 0, 0, '!', 'a', 'a', '', '',"
    " 'en_US', 'UTF-8', '', '{}')"
)


def test_proposes_the_part_before_the_at_sign_with_a_number():
    nicknames = Nicknames(["Inga", "inga3"])

    found = [nicknames.propose("inga@x.example") for _ in range(3)]

    assert found == ["inga2", "inga4", "inga5"]
    assert base_of("@x.example") == "user"


def test_a_long_nickname_with_a_number_has_40_characters():
    nicknames = Nicknames()
    found = [nicknames.propose(f"{'x' * 50}@x.example") for _ in range(12)]

    assert found[0] == "x" * 40
    assert found[-1] == "x" * 38 + "12"
    assert len({*found}) == 12


def test_a_new_user_gets_a_nickname_that_is_free_in_the_org(org):
    names = ["inga@a.example", "Inga@b.example", f"{'x' * 45}@a.example"]
    names.append(f"{'x' * 45}@b.example")
    found = [UserFactory(org=org, username=name).nickname for name in names]

    assert found == ["inga", "Inga2", "x" * 40, "x" * 39 + "2"]
    assert UserFactory(username="inga@c.example").nickname == "inga"


def test_the_database_refuses_a_second_one_in_any_case(org):
    UserFactory(org=org, nickname="Motor")
    other = UserFactory(org=org)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=other.pk).update(nickname="motor")
    # Users without a nickname don't conflict.
    User.objects.filter(org=org).update(nickname="")


@pytest.mark.slow
@pytest.mark.sqlite
def test_existing_users_get_unique_nicknames(migrate, tmp_path):
    migrate(BEFORE)
    long = "x" * 40
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        for org in [1, 2]:
            database.execute(
                "INSERT INTO org_org (id, name, created_at, is_strict, exercise,"
                " is_presented, has_user_grams, has_app_grams)"
                " VALUES (?, 'Org', '2026-01-01', 0, '', 0, 0, 0)",
                [org],
            )
            database.execute(
                "INSERT INTO org_profile (id, org_id, name, kind, name_key)"
                " VALUES (?, ?, 'Standard User', 'standard', 'b')",
                [org, org],
            )
        nicknames = ["ada", "Ada", "ada2", "ADA", long, long, "bob"]
        for number, nickname in enumerate(nicknames, start=1):
            database.execute(USER, [number, 1, f"{number}@x", nickname, 1])
        database.execute(USER, [9, 2, "9@x", "ada", 2])
        database.commit()

    migrate(AFTER)

    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        rows = database.execute("SELECT nickname FROM org_user ORDER BY id").fetchall()
    found = [nickname for (nickname,) in rows]
    assert found == ["ada", "Ada3", "ada2", "ADA4", long, f"{long[:39]}2", "bob", "ada"]
