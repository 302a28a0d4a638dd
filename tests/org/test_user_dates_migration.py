"""The migration that adds the dates of users: existing users get the date of their org."""

import sqlite3
from contextlib import closing

import pytest

from tests.database import NAME

BEFORE, AFTER = "0024_token_exchange", "0025_user_dates"


@pytest.mark.slow
@pytest.mark.sqlite
def test_existing_users_get_the_date_of_their_org(migrate, tmp_path):
    migrate(BEFORE)
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        database.execute(
            "INSERT INTO org_org (id, name, created_at, is_strict, exercise, is_presented,"
            " has_user_grams, has_app_grams)"
            " VALUES (1, 'Org', '2026-01-01 00:00:00', 0, '', 0, 0, 0)"
        )
        database.execute(
            "INSERT INTO org_profile (id, org_id, name, kind, name_key)"
            " VALUES (1, 1, 'Standard User', 'standard', 'standard user')"
        )
        database.execute(
            "INSERT INTO org_user (org_id, username, first_name, last_name, email,"
            " profile_id, is_active, is_integration_user, can_sign_in, password, name_key,"
            " last_key, time_zone, locale, alias, nickname, language, email_encoding,"
            " federation_id, custom_values) VALUES (1, 'a@x', 'A', 'D', 'a@x.example', 1,"
            " 1, 0, 0, '!', 'a', 'a', '', '', 'ad', 'a', 'en_US', 'UTF-8', '', '{}')"
        )
        database.commit()

    migrate(AFTER)

    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        dates = "SELECT created_at, modified_at FROM org_user"
        assert database.execute(dates).fetchone() == ("2026-01-01 00:00:00",) * 2
