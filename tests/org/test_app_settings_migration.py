"""The migration that moves settings from files' unknown elements to the app's fields."""

import sqlite3
from contextlib import closing
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps

from tests.database import NAME
from tests.factories import ClientAppFactory
from tokenx.metadata.mapping.from_org import (
    connected_app_definition,
    external_app_definitions,
)

migration = import_module("tokenx.org.migrations.0026_app_settings")
BEFORE, AFTER = "0025_user_dates", "0026_app_settings"
EDITOR = SimpleNamespace(connection=SimpleNamespace(vendor="sqlite"))


def connected(policy, *, scopes=("api",), config=()):
    """Return an app as its file was kept before."""
    return ClientAppFactory(
        scopes=list(scopes),
        file_details={
            "ConnectedApp": {"unknown": [], "present": ["oauth_config", "oauth_policy"]},
            "ConnectedAppOauthConfig": {"unknown": [*config], "present": ["scopes"]},
            "ConnectedAppOauthPolicy": {
                "unknown": [["ipRelaxation", "ENFORCE"], ["refreshTokenPolicy", policy]],
                "present": [],
            },
        },
    )


def external(*policies, settings=()):
    return ClientAppFactory(
        kind="external",
        file_details={
            "ExternalClientApplication": {"unknown": [], "present": []},
            "ExtlClntAppGlobalOauthSettings": {"unknown": [*settings], "present": []},
            "ExtlClntAppOauthConfigurablePolicies": {
                "unknown": list(map(list, policies)),
                "present": [],
            },
        },
    )


def moved(app):
    migration.move_elements(apps, EDITOR)
    app.refresh_from_db()
    return app


def policy_of(app):
    return app.refresh_token_policy, app.refresh_token_validity, app.refresh_token_unit


def test_moves_a_connected_apps_policy(db, subtests):
    for text, policy in [
        ("infinite", ("infinite", None, "")),
        ("zero", ("zero", None, "")),
        ("specific_lifetime:30:DAYS", ("specific_lifetime", 30, "DAYS")),
        ("Specific_inactivity:007:hours", ("specific_inactivity", 7, "HOURS")),
    ]:
        with subtests.test(text):
            app = moved(connected(text))

            assert policy_of(app) == policy
            written = connected_app_definition(app).oauth_policy
            assert written.refresh_token_policy == text
            assert [each.name for each in written.unknown_elements] == ["ipRelaxation"]


def test_an_invalid_policy_stays_as_it_was(db, subtests):
    for text in [
        "SPECIFIC",
        "zero:3:DAYS",
        "specific_lifetime",
        "specific_lifetime:0:DAYS",
    ]:
        with subtests.test(text):
            app = connected(text)
            before = app.file_details

            moved(app)

            assert policy_of(app) == ("infinite", None, "")
            assert app.file_details == before


def test_moves_an_external_client_apps_policy(db, subtests):
    for elements, policy in [
        ((("refreshTokenPolicyType", "Zero"),), ("zero", None, "")),
        (
            (
                ("refreshTokenPolicyType", "Infinite"),
                ("refreshTokenValidityPeriod", "0"),
                ("refreshTokenValidityUnit", "Days"),
            ),
            ("infinite", None, ""),
        ),
        (
            (
                ("refreshTokenPolicyType", "SpecificInactivity"),
                ("refreshTokenValidityPeriod", "2"),
                ("refreshTokenValidityUnit", "Months"),
            ),
            ("specific_inactivity", 2, "MONTHS"),
        ),
    ]:
        with subtests.test(elements):
            app = moved(external(*elements, ("label", "x")))

            assert policy_of(app) == policy
            *_, (_, written) = external_app_definitions(app)
            texts = [
                written.refresh_token_policy,
                written.refresh_token_validity,
                written.refresh_token_unit,
            ]
            assert [text for text in texts if text is not None] == [
                text for _, text in elements
            ]
            assert [each.name for each in written.unknown_elements] == ["label"]


def test_moves_the_switches(db):
    switches = [["isIntrospectAllTokens", "true"], ["isRefreshTokenRotationEnabled", "1"]]

    for app in [connected("zero", config=switches), external(settings=switches)]:
        moved(app)

        assert app.introspects_all_tokens
        assert app.rotates_refresh_tokens
    config = connected_app_definition(moved(connected("zero", config=switches)))
    assert not config.oauth_config.unknown_elements


def test_scopes_are_spelled_as_in_setup_and_written_as_before(db):
    app = moved(connected("zero", scopes=["api", "Wave", "SFAP", "Other"]))

    assert app.scopes == ["api", "wave_api", "sfap_api", "Other"]
    written = connected_app_definition(app).oauth_config.scopes
    assert written == ("Api", "Wave", "SFAP", "Other")


@pytest.mark.slow
@pytest.mark.sqlite
def test_every_app_gets_its_own_consumer_key(migrate, tmp_path):
    migrate(BEFORE)
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        database.execute(
            "INSERT INTO org_org (id, name, created_at, is_strict, exercise, is_presented,"
            " has_user_grams, has_app_grams)"
            " VALUES (1, 'Org', '2026-01-01 00:00:00', 0, '', 0, 0, 0)"
        )
        for name, key in [("a", ""), ("b", ""), ("c", "3MVG9Mine")]:
            database.execute(
                "INSERT INTO org_clientapp (org_id, kind, label, api_name, description,"
                " contact_email, callback_url, scopes, permitted_users, secret_hash,"
                " allows_token_exchange, policy_allows_token_exchange, requires_secret,"
                " modified_at, file_details, search_key, refresh_token_policy,"
                " refresh_token_unit, rotates_refresh_tokens, introspects_all_tokens,"
                " consumer_key) VALUES (1, 'connected', ?, ?, '', '', '', '[]', '', '',"
                " 1, 1, 0, '2026-01-01 00:00:00', '{}', ?, 'infinite', '', 0, 0, ?)",
                (name, name, name, key),
            )
        database.commit()

    migrate(AFTER)

    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        rows = database.execute("SELECT consumer_key FROM org_clientapp ORDER BY api_name")
        keys = [key for (key,) in rows]
    assert len(set(keys)) == 3
    assert [len(key) for key in keys] == [85, 85, 9]
    assert keys[2] == "3MVG9Mine"
