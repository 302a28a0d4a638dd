"""The migration that renames the keys in the details of metadata files."""

from importlib import import_module

from django.apps import apps

from tests.factories import ApexClassFactory, ClientAppFactory

migration = import_module("tokenx.org.migrations.0008_file_details")
OLD = {"kept": [["urls", "x"]], "said": ["status"], "full_name": "Billing"}
NEW = {"unknown": [["urls", "x"]], "present": ["status"], "full_name": "Billing"}


def test_file_details_get_their_new_keys_and_back(db):
    apex_class = ApexClassFactory(file_details={"ApexClass": OLD})
    app = ClientAppFactory(file_details={"ConnectedApp": OLD, "OauthConfig": OLD})
    without_files = ClientAppFactory(file_details={})

    migration.to_new_keys(apps, None)
    for row in [apex_class, app, without_files]:
        row.refresh_from_db()
    assert apex_class.file_details == {"ApexClass": NEW}
    assert app.file_details == {"ConnectedApp": NEW, "OauthConfig": NEW}
    assert without_files.file_details == {}

    migration.to_old_keys(apps, None)
    app.refresh_from_db()
    assert app.file_details == {"ConnectedApp": OLD, "OauthConfig": OLD}
