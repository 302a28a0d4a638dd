"""`manage.py deploy`: files, options, output for people and scripts, and cancellation."""

import io
import os
import signal
import sys
from datetime import timedelta
from threading import Thread
from time import sleep

import pytest
from django.utils import timezone

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    IntegrationUserFactory,
    OrgFactory,
    UserFactory,
)
from tests.metadata.commands import (
    FOLDER,
    SUFFIX,
    handler_file,
    last_deployment,
    manifest,
    names_of_handlers,
    put,
    run,
)
from tests.metadata.package.zips import zip_of
from tests.rollback import rolled_back
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.deploy import progress
from tokenx.metadata.models import Deployment, Source, Status
from tokenx.org.models import ApexClass, AuditEntry, BuiltInProfile, Org
from tokenx.org.permissions import READ_ONLY
from tokenx.org.record_ids import ORG, record_id

META = b"""<?xml version="1.0" encoding="UTF-8"?>
<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>62.0</apiVersion>
    <status>Active</status>
</ApexClass>
"""


@pytest.fixture
def org(org):
    ApexClassFactory(org=org, name="ShopTokens")
    return org


@pytest.fixture
def shop(admin, tmp_path):
    """Write a handler's file that can be deployed."""
    return put(tmp_path, f"Shop{SUFFIX}", handler_file())


@pytest.fixture
def mixed(admin, tmp_path):
    """Write a folder with one handler that can be deployed, and one that can't."""
    put(tmp_path, f"mixed/{FOLDER}/Good{SUFFIX}", handler_file("Good"))
    put(tmp_path, f"mixed/{FOLDER}/Bad{SUFFIX}", handler_file("Bad", "Nowhere"))
    return tmp_path / "mixed"


# --- Sources --------------------------------------------------------------------------


def test_deploys_a_file(org, shop):
    ran = run("deploy", shop)

    assert ran.status == 0
    assert ran.lines == [
        "Outcome  Type                       Name",
        "Created  OauthTokenExchangeHandler  Shop",
        "",
        "Deployed 1 of 1 component.",
    ]
    assert not ran.err
    assert names_of_handlers(org) == {"Shop"}


def test_deploys_a_zip(org, admin, tmp_path):
    files = {"package.xml": manifest("Shop"), f"{FOLDER}/Shop{SUFFIX}": handler_file()}
    path = put(tmp_path, "shop.zip", zip_of(files).getvalue())

    run("deploy", path)

    assert names_of_handlers(org) == {"Shop"}


def test_deploys_a_folder_in_metadata_format(org, admin, tmp_path):
    put(tmp_path, f"{FOLDER}/Shop{SUFFIX}", handler_file())

    assert run("deploy", tmp_path).status == 0
    assert names_of_handlers(org) == {"Shop"}


def test_deploys_a_project_of_the_salesforce_cli(org, admin, tmp_path):
    put(tmp_path, "sfdx-project.json", b"{}")
    put(tmp_path, f"force-app/main/default/{FOLDER}/Shop{SUFFIX}-meta.xml", handler_file())
    put(tmp_path, "README.md", b"Read me")

    assert run("deploy", tmp_path).status == 0
    assert names_of_handlers(org) == {"Shop"}


@pytest.mark.parametrize("name", ["Fresh.cls", "Fresh.cls-meta.xml"])
def test_deploys_an_apex_class_by_either_of_its_files(org, admin, tmp_path, name):
    put(tmp_path, "Fresh.cls", b"public class Fresh {}")
    put(tmp_path, "Fresh.cls-meta.xml", META)

    assert run("deploy", tmp_path / name).status == 0
    assert ApexClass.objects.filter(org=org, name="Fresh").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_deploys_a_handler_from_standard_input(org, admin, monkeypatch, encoding):
    text = handler_file().decode().replace("UTF-8", encoding)
    stream = io.TextIOWrapper(io.BytesIO(text.encode(encoding)))
    monkeypatch.setattr(sys, "stdin", stream)

    assert run("deploy", "-").status == 0
    assert names_of_handlers(org) == {"Shop"}


def test_deploys_a_zip_from_standard_input(org, admin, monkeypatch):
    archive = zip_of({f"{FOLDER}/Shop{SUFFIX}": handler_file()})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(archive))

    assert run("deploy", "-").status == 0
    assert names_of_handlers(org) == {"Shop"}


# --- Options --------------------------------------------------------------------------


def test_a_check_changes_nothing(org, shop):
    ran = run("deploy", shop, "--check-only")

    assert ran.status == 0
    assert ran.lines[-1] == "Checked 1 of 1 component. Nothing was changed."
    assert not names_of_handlers(org)


def test_a_failure_changes_nothing_and_shows_a_position_for_editors(org, mixed):
    ran = run("deploy", mixed)

    assert ran.status == 1
    assert ran.lines == [
        "Outcome  Type                       Name",
        "Failed   OauthTokenExchangeHandler  Bad",
        "Created  OauthTokenExchangeHandler  Good",
        "",
        f"{mixed / FOLDER / 'Bad'}{SUFFIX}:13:5: In field: tokenHandlerApex - "
        "no ApexClass named Nowhere found",
        "",
        "Deployed 1 of 2 components; 1 failed. Nothing was changed.",
    ]
    assert not names_of_handlers(org)


def test_without_rollback_successful_components_are_kept(org, mixed):
    ran = run("deploy", mixed, "--no-rollback")

    assert ran.status == 1
    assert ran.lines[-1] == "Deployed 1 of 2 components; 1 failed."
    assert names_of_handlers(org) == {"Good"}


def test_warnings_fail_a_deployment_unless_ignored(org, admin, tmp_path):
    put(tmp_path, "package.xml", manifest())
    path = put(tmp_path, "destructiveChanges.xml", manifest("Gone"))

    strict = run("deploy", tmp_path)
    lenient = run("deploy", tmp_path, "--ignore-warnings", "--purge-on-delete")

    assert strict.status == 1
    warning = "warning: No OauthTokenExchangeHandler named: Gone found"
    assert f"{path}: {warning}" in strict.out
    assert lenient.status == 0
    assert f"{path}: {warning}" in lenient.out
    assert last_deployment().purge_on_delete


@pytest.mark.parametrize("is_single", [True, False])
def test_has_options_for_one_package_and_several_packages(org, admin, tmp_path, is_single):
    for name in ("one", "two"):
        put(tmp_path, f"{name}/package.xml", manifest(name))
        put(tmp_path, f"{name}/{FOLDER}/{name}{SUFFIX}", handler_file(name))

    option = "--single-package" if is_single else "--several-packages"
    ran = run("deploy", tmp_path, option)

    assert ran.status == int(is_single)
    assert ("No package.xml found" in ran.out) == is_single
    assert names_of_handlers(org) == (set() if is_single else {"one", "two"})


# --- Org and user ---------------------------------------------------------------------


def test_the_org_is_chosen_by_name_or_id(org, shop, subtests):
    UserFactory(profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    org_id = record_id(ORG, org.pk)
    for name in [org.name, org.name.upper(), org.pk, org_id, org_id[:15]]:
        with subtests.test(name=name), rolled_back():
            assert run("deploy", shop, "--org", name).status == 0
            assert names_of_handlers(org) == {"Shop"}


def test_chooses_the_only_org_whose_administrator_has_a_password(org, admin, shop):
    OrgFactory()
    admin.set_password("open sesame")
    admin.save()

    assert run("deploy", shop).status == 0
    assert names_of_handlers(org) == {"Shop"}


def test_lists_the_orgs_if_it_cannot_choose(org, shop):
    other = OrgFactory()

    ran = run("deploy", shop)

    assert ran.status == 2
    assert ran.err.splitlines() == [
        "Several orgs exist. Select one with --org:",
        f"  {org.pk}  {record_id(ORG, org.pk)}  {org.name}",
        f"  {other.pk}  {record_id(ORG, other.pk)}  {other.name}",
    ]
    assert not ran.out


def test_lists_the_orgs_with_the_same_name(org, shop):
    OrgFactory(name=org.name)

    ran = run("deploy", shop, "--org", org.name)

    assert ran.status == 2
    assert f"Several orgs are named {org.name}. Select one by its ID" in ran.err


def test_refuses_an_org_that_does_not_exist(org, shop, subtests):
    for named in ["nowhere", "0", "99999999999999999999", "00D"]:
        with subtests.test(named=named):
            ran = run("deploy", shop, "--org", named)

            assert ran.status == 2
            assert f"Org {named} doesn't exist." in ran.err
            assert org.name in ran.err


def test_explains_how_to_create_the_first_org(db, tmp_path):
    ran = run("deploy", tmp_path)

    assert ran.status == 2
    assert ran.err == "No orgs exist yet. Create one with `manage.py demo`.\n"
    assert not Org.objects.exists()


def test_deploys_as_the_given_user(org, admin, shop):
    other = UserFactory(org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    run("deploy", shop, "--user", other.username.upper())

    assert last_deployment().created_by == other
    assert set(AuditEntry.objects.values_list("user", flat=True)) == {other.pk}


def test_deploys_as_the_first_active_administrator(org, admin, shop):
    admin.is_active = False
    admin.save()
    second = UserFactory(org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    run("deploy", shop)

    assert last_deployment().created_by == second


def test_refuses_users_who_cannot_change_setup(org, viewer, shop):
    ran = run("deploy", shop, "--user", viewer.username)

    assert ran.status == 2
    assert ran.err == f"{READ_ONLY}\n"
    assert not Source.objects.exists()


def test_refuses_inactive_users_and_users_of_other_orgs(org, admin, shop):
    stranger = UserFactory(profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    inactive = UserFactory(
        org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR, is_active=False
    )
    command = ("deploy", shop, "--org", org.pk, "--user")

    assert f"has no user named {stranger.username}" in run(*command, stranger.username).err
    assert f"{inactive.username} is inactive" in run(*command, inactive.username).err
    admin.delete()
    assert "has no active system administrator" in run(*command[:-1]).err


# --- Errors before the deployment -----------------------------------------------------


def test_refuses_a_path_that_does_not_exist(admin, tmp_path):
    ran = run("deploy", tmp_path / "nowhere")

    assert ran.status == 2
    assert ran.err == f"{tmp_path / 'nowhere'}: No such file or directory\n"
    assert not ran.out


def test_an_empty_path_is_not_the_current_folder(admin, tmp_path, monkeypatch):
    put(tmp_path, f"Shop{SUFFIX}", handler_file())
    monkeypatch.chdir(tmp_path)

    for command in (["deploy", ""], ["diff", ""], ["retrieve", "--to", ""]):
        ran = run(*command)
        assert (ran.status, ran.out, ran.err) == (2, "", "The path is empty.\n")


def test_refuses_files_without_components(admin, tmp_path):
    put(tmp_path, "folder/notes.txt", b"notes")
    empty = put(tmp_path, f"Shop{SUFFIX}", b"")

    folder = run("deploy", tmp_path / "folder", "--json")
    file = run("deploy", empty, "--json")

    assert (folder.status, folder.out, file.status, file.out) == (2, "", 2, "")
    assert folder.err == "No metadata files of a supported type: folder.\n"
    assert file.err == f"Shop{SUFFIX} is empty.\n"


def test_a_damaged_zip_fails(admin, tmp_path):
    path = put(tmp_path, "a.zip", b"PK\x03\x04 and nothing more")

    ran = run("deploy", path)

    assert ran.status == 1
    assert "The zip file is damaged" in ran.out
    assert ran.lines[-1] == "Deployed 0 of 0 components. Nothing was changed."


# --- JSON output ----------------------------------------------------------------------


def test_prints_the_result_as_json(org, admin, mixed):
    ran = run("deploy", mixed, "--json", "--check-only")

    assert ran.status == 1
    result = ran.json
    assert result["id"] == last_deployment().record_id
    assert result["id"].startswith("0Af")
    assert result["status"] == "Failed"
    assert (result["done"], result["success"], result["checkOnly"]) == (True, False, True)
    assert result["numberComponentsTotal"] == 2
    assert result["createdDate"].endswith("Z")
    assert len(result["createdDate"]) == len("2026-01-31T12:00:00.000Z")
    [failure] = result["details"]["componentFailures"]
    assert failure["fullName"] == "Bad"
    assert failure["fileName"] == f"{FOLDER}/Bad{SUFFIX}"
    assert (failure["lineNumber"], failure["columnNumber"]) == (13, 5)
    assert failure["problemType"] == "Error"
    [success] = result["details"]["componentSuccesses"]
    assert (success["fullName"], success["created"]) == ("Good", True)


# --- Concurrent deployments -----------------------------------------------------------


@pytest.fixture
def running_elsewhere(org, admin):
    source = Source.objects.create(org=org, name="other.zip", created_by=admin)
    return Deployment.objects.create(
        org=org,
        source=source,
        created_by=admin,
        status=Status.IN_PROGRESS,
        attempt=1,
        lease_until=timezone.now() + timedelta(seconds=1),
    )


def test_waits_for_the_deployment_of_another_process(org, shop, running_elsewhere):
    running_elsewhere.attempt = 2
    running_elsewhere.save()

    ran = run("deploy", shop)

    assert ran.err == "Waiting for another deployment in this org.\n"
    assert ran.status == 0
    assert names_of_handlers(org) == {"Shop"}


def test_ctrl_c_cancels_a_waiting_deployment(org, shop, running_elsewhere):
    running_elsewhere.lease_until += timedelta(hours=1)
    running_elsewhere.save()
    ran = interrupted_when(progress._RUNNING.__len__, "deploy", shop)

    assert ran.status == 130
    assert ran.lines[-1] == "Canceled. Nothing was changed."
    assert last_deployment().status == Status.CANCELED
    assert not names_of_handlers(org)


BODY = "public class Made{} {{}}"


def test_ctrl_c_cancels_a_running_deployment(org, admin, tmp_path):
    for number in range(400):
        put(tmp_path, f"classes/Made{number}.cls", BODY.format(number).encode())
        put(tmp_path, f"classes/Made{number}.cls-meta.xml", META)

    def is_changing():
        return any(one.done > one.total + 20 for one in [*progress._RUNNING.values()])

    ran = interrupted_when(is_changing, "deploy", tmp_path)

    assert ran.status == 130
    assert ran.out == "Canceled. Nothing was changed.\n"
    assert last_deployment().canceled_by == admin
    assert ApexClass.objects.filter(org=org).count() == 1


def interrupted_when(is_due, *command):
    """Run a command, and press Ctrl+C when a condition is met."""
    is_over = False

    def press():
        while not is_due() and not is_over:
            sleep(0.001)
        if not is_over:
            os.kill(os.getpid(), signal.SIGINT)

    thread = Thread(target=press)
    thread.start()
    try:
        return run(*command)
    finally:
        is_over = True
        thread.join()


# --- Unusual names and many apps ------------------------------------------------------


def test_escapes_control_characters(org, admin, tmp_path):
    name = "Nowhere\x1b[2J\u202e"
    path = put(tmp_path, f"Shop{SUFFIX}", handler_file())
    path.write_bytes(path.read_bytes().replace(b"ShopTokens", b"No\xe2\x80\xaewhere"))

    ran = run("deploy", path)
    refused = run("deploy", path, "--org", name)

    assert "\u202e" not in ran.out
    assert "no ApexClass named No\\u202ewhere found" in ran.out
    assert "Org Nowhere\\x1b[2J\\u202e doesn't exist." in refused.err


def test_deploys_a_handler_with_many_apps(org, admin, tmp_path):
    run_as = IntegrationUserFactory(org=org)
    apps = ClientAppFactory.build_batch(500, org=org)
    for app in apps:
        app.set_keys()
    type(apps[0]).objects.bulk_create(apps)
    enablements = [(app.api_name, run_as.username, True) for app in apps]
    content = handler_file("Shop", "ShopTokens", *enablements)
    path = put(tmp_path, f"Shop{SUFFIX}", content)

    assert run("deploy", path).status == 0
    assert TokenExchangeHandler.objects.get(org=org).app_count == 500


def test_deploying_again_changes_nothing(org, shop):
    run("deploy", shop)

    ran = run("deploy", shop)

    assert ran.lines[1].split() == ["Unchanged", "OauthTokenExchangeHandler", "Shop"]
