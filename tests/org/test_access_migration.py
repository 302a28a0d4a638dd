"""The migration of the profiles and permission sets in the files of existing apps."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.database import NAME

BEFORE, AFTER = "0017_permission_sets", "0018_access_of_existing_apps"
APP = (
    "INSERT INTO org_clientapp (id, org_id, kind, label, api_name,"
    " allows_token_exchange, policy_allows_token_exchange, description, contact_email,"
    " callback_url, scopes, requires_secret, permitted_users, consumer_key, secret_hash,"
    " modified_at, search_key, file_details)"
    " VALUES (?, 1, ?, 'A', ?, 1, 1, '', '', '', '[]', 0, 'AllSelfAuthorized', '', '',"
    " '2026-01-01', 'a', ?)"
)
CONNECTED = {
    "ConnectedApp": {
        "unknown": [
            ["permissionSetName", "Token_Exchange"],
            ["profileName", "Admin"],
            ["profileName", "Partners"],
            ["profileName", "Nobody"],
            ["startUrl", "https://x.example"],
        ],
        "present": [],
    }
}
EXTERNAL = {
    "ExtlClntAppOauthConfigurablePolicies": {
        "unknown": [
            ["commaSeparatedPermissionSet", "token_exchange, 0PS000000000001"],
            ["commaSeparatedProfile", "Standard User"],
        ],
        "present": [],
    }
}


@pytest.mark.slow
@pytest.mark.sqlite
def test_existing_apps_keep_their_profiles_and_permission_sets(migrate, tmp_path):
    migrate(BEFORE)
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        database.execute(
            "INSERT INTO org_org (id, name, created_at, is_strict, exercise,"
            " is_presented, has_user_grams, has_app_grams)"
            " VALUES (1, 'Org', '2026-01-01', 0, '', 0, 0, 0)"
        )
        database.executemany(
            "INSERT INTO org_profile (org_id, name, kind, name_key) VALUES (1, ?, ?, ?)",
            [
                ("System Administrator", "admin", "a"),
                ("Standard User", "standard", "b"),
                ("Partners", "", "c"),
            ],
        )
        database.executemany(
            APP,
            [
                (1, "connected", "One", json.dumps(CONNECTED)),
                (2, "external", "Two", json.dumps(EXTERNAL)),
                (3, "external", "Three", "{}"),
            ],
        )
        database.commit()

    migrate(AFTER)

    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        profiles = (
            "SELECT a.app_id, p.name FROM org_appprofile a"
            " JOIN org_profile p ON p.id = a.profile_id ORDER BY 1, 2"
        )
        assert database.execute(profiles).fetchall() == [
            (1, "Partners"),
            (1, "System Administrator"),
            (2, "Standard User"),
        ]
        sets = (
            "SELECT a.app_id, p.name, p.label FROM org_apppermissionset a"
            " JOIN org_permissionset p ON p.id = a.permission_set_id ORDER BY 1"
        )
        assert database.execute(sets).fetchall() == [
            (1, "Token_Exchange", "Token Exchange"),
            (2, "Token_Exchange", "Token Exchange"),
        ]
        rows = database.execute("SELECT file_details FROM org_clientapp ORDER BY id")
        connected, external, other = [json.loads(row[0]) for row in rows]
        assert connected["ConnectedApp"]["unknown"] == [
            ["profileName", "Nobody"],
            ["startUrl", "https://x.example"],
        ]
        [policies] = external.values()
        assert policies["unknown"] == [["commaSeparatedPermissionSet", "0PS000000000001"]]
        assert other == {}
