"""Migrations of profiles and user fields: existing users keep their profiles."""

import sqlite3
from contextlib import closing

import pytest

from tests.database import NAME

BEFORE, AFTER = "0010_compiled_classes", "0011_profiles"
FIELDS = "0012_user_fields"
USER = (
    "INSERT INTO org_user (org_id, username, first_name, last_name, email, profile,"
    " is_active, is_integration_user, can_sign_in, password, name_key, last_key,"
    " time_zone, locale) VALUES (?, ?, 'A', 'D', 'a@x.example', ?, 1, 0, 0, '!', 'a', 'a',"
    " '', '')"
)
PROFILES = (
    "SELECT u.username, p.kind, p.name FROM org_user u"
    " JOIN org_profile p ON p.org_id = u.org_id AND p.id = u.profile_id"
    " ORDER BY u.username"
)


@pytest.mark.slow
@pytest.mark.sqlite
def test_existing_users_keep_their_profiles_and_get_them_back(migrate, tmp_path):
    migrate(BEFORE)
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        for org in [1, 2]:
            database.execute(
                "INSERT INTO org_org (id, name, created_at, is_strict, exercise,"
                " is_presented, has_user_grams, has_app_grams)"
                " VALUES (?, 'Org', '2026-01-01', 0, '', 0, 0, 0)",
                [org],
            )
        users = [
            (1, "a@x", "admin"),
            (1, "b@x", "setup_viewer"),
            (2, "c@x", "standard"),
            (2, "d@x", "api_only"),
        ]
        database.executemany(USER, users)
        database.commit()

    migrate(AFTER)

    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        assert database.execute(PROFILES).fetchall() == [
            ("a@x", "admin", "System Administrator"),
            ("b@x", "setup_viewer", "Setup Viewer"),
            ("c@x", "standard", "Standard User"),
            ("d@x", "api_only", "Minimum Access - API Only Integrations"),
        ]
        counts = "SELECT org_id, count(*) FROM org_profile GROUP BY org_id ORDER BY org_id"
        assert database.execute(counts).fetchall() == [(1, 4), (2, 4)]
        # A user with a custom profile becomes a standard user.
        database.execute(
            "INSERT INTO org_profile (id, org_id, name, kind, name_key)"
            " VALUES (99, 1, 'Partners', '', 'partners')"
        )
        database.execute("UPDATE org_user SET profile_id = 99 WHERE username = 'b@x'")
        database.commit()

    migrate(FIELDS)
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        row = "SELECT alias, nickname, language, email_encoding, federation_id"
        users = f"{row} FROM org_user ORDER BY username LIMIT 1"
        assert database.execute(users).fetchone() == ("ad", "a", "en_US", "UTF-8", "")

    migrate(BEFORE)

    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        rows = database.execute("SELECT username, profile FROM org_user ORDER BY username")
        assert rows.fetchall() == [
            ("a@x", "admin"),
            ("b@x", "standard"),
            ("c@x", "standard"),
            ("d@x", "api_only"),
        ]
