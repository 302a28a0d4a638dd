"""The files of `init/`: deployed when the org is built, and after they change."""

import io
import os
from pathlib import Path

import pytest
from django.core.management.base import OutputWrapper

from tests.factories import ApexClassFactory, OrgFactory, UserFactory
from tests.metadata.commands import FOLDER, SUFFIX, handler_file, manifest, put
from tests.metadata.package.zips import zip_of
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.deploy import init_files
from tokenx.metadata.limits import MAX_ZIP_SIZE
from tokenx.metadata.management.init_files import deploy_init_files
from tokenx.metadata.models import Deployment, InitFile, Status
from tokenx.org.management.console import console_for
from tokenx.org.models import ApexClass, BuiltInProfile
from tokenx.training.practice.removal import clear_org

CLASS = "public class Fresh {}"
META = """<?xml version="1.0" encoding="UTF-8"?>
<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>62.0</apiVersion>
    <status>Active</status>
</ApexClass>
"""


@pytest.fixture(autouse=True)
def apex_class(org):
    return ApexClassFactory(org=org, name="ShopTokens")


@pytest.fixture
def deploy(admin, tmp_path):
    """Return a function that deploys the folder, and returns the lines of the log."""

    def run(by=admin):
        out = io.StringIO()
        deploy_init_files(str(tmp_path), by=by, console=console_for(OutputWrapper(out)))
        return [
            line.replace(f"{tmp_path}{os.sep}", "") for line in out.getvalue().splitlines()
        ]

    return run


def statuses():
    rows = Deployment.objects.order_by("id").values_list("source__name", "status")
    return [tuple(row) for row in rows]


def label():
    return TokenExchangeHandler.objects.get(developer_name="Shop").label


def test_deploys_files_and_zips_by_name(org, deploy, tmp_path):
    zipped = {"package.xml": manifest("Zip"), f"{FOLDER}/Zip{SUFFIX}": handler_file("Zip")}
    put(tmp_path, "2.zip", zip_of(zipped).getvalue())
    put(tmp_path, f"1{SUFFIX}", handler_file("1"))
    put(tmp_path, f"Shop{SUFFIX}", handler_file())

    assert deploy()[-1] == f"Shop{SUFFIX}: Deployed 1 of 1 component."

    assert [name for name, _ in statuses()] == [f"1{SUFFIX}", "2.zip", f"Shop{SUFFIX}"]
    names = TokenExchangeHandler.objects.filter(org=org).values_list("developer_name")
    assert {name for [name] in names} >= {"Zip", "Shop"}


def test_deploys_an_unchanged_file_only_once(deploy, tmp_path):
    put(tmp_path, f"Shop{SUFFIX}", handler_file())
    deploy()
    TokenExchangeHandler.objects.update(label="By hand")

    assert deploy() == []

    assert label() == "By hand"
    assert len(statuses()) == 1


def test_deploys_a_changed_file_again(deploy, tmp_path):
    path = put(tmp_path, f"Shop{SUFFIX}", handler_file())
    deploy()
    path.write_bytes(handler_file(label="Changed"))

    deploy()

    assert label() == "Changed"
    assert len(statuses()) == 2


def test_a_failing_file_is_in_deployment_status_and_the_log(deploy, admin_client, tmp_path):
    put(tmp_path, f"Bad{SUFFIX}", handler_file("Bad", "Nowhere"))
    put(tmp_path, f"Shop{SUFFIX}", handler_file())

    lines = deploy()

    assert lines[0].startswith(f"Bad{SUFFIX}:")
    assert "Nowhere" in lines[0]
    assert lines[1] == (
        f"Bad{SUFFIX}: Deployed 0 of 1 component; 1 failed. Nothing was changed."
    )
    assert [status for _, status in statuses()] == [Status.FAILED, Status.SUCCEEDED]
    page = admin_client.get(Deployment.objects.earliest("id").get_absolute_url())
    assert "Nowhere" in page.content.decode()
    # It isn't tried again until it changes.
    assert deploy() == []
    put(tmp_path, f"Bad{SUFFIX}", handler_file("Bad"))
    assert deploy() == [f"Bad{SUFFIX}: Deployed 1 of 1 component."]


def test_a_file_that_cannot_be_received_is_a_failed_deployment(
    deploy, admin_client, tmp_path, monkeypatch, subtests
):
    with (tmp_path / "large.zip").open("wb") as large:
        large.truncate(MAX_ZIP_SIZE + 1)
    put(tmp_path, "empty.zip", b"")
    put(tmp_path, "notes.txt", b"Notes")
    put(tmp_path, "text.zip", b"This isn't a zip file.")

    log = "\n".join(deploy())

    for name, sentence in {
        "large.zip": "large.zip is too large.",
        "empty.zip": "empty.zip is empty.",
        "notes.txt": "notes.txt",
        "text.zip": "The file is not a zip file.",
    }.items():
        with subtests.test(name=name):
            deployment = Deployment.objects.get(source__name=name)
            assert deployment.status == Status.FAILED
            page = admin_client.get(deployment.get_absolute_url()).content.decode()
            assert sentence in page
            assert sentence in log
    assert deploy() == []


def test_a_file_that_cannot_be_read_is_tried_again(deploy, tmp_path, monkeypatch):
    put(tmp_path, f"Shop{SUFFIX}", handler_file())

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        lines = deploy()

    assert lines[0] == f"Shop{SUFFIX}: The file can't be read: Permission denied."
    assert deploy() == [f"Shop{SUFFIX}: Deployed 1 of 1 component."]


def test_deploys_both_files_of_a_class_together(org, deploy, tmp_path):
    put(tmp_path, "Fresh.cls", CLASS.encode())
    meta = put(tmp_path, "Fresh.cls-meta.xml", META.encode())

    assert deploy() == ["Fresh.cls: Deployed 1 of 1 component."]
    assert ApexClass.objects.filter(org=org, name="Fresh").exists()

    meta.write_text(META.replace("62.0", "61.0"))
    assert deploy() == ["Fresh.cls: Deployed 1 of 1 component."]


def test_says_what_it_skips(deploy, tmp_path, monkeypatch):
    monkeypatch.setattr(init_files, "MAX_INIT_FILES", 1)
    (tmp_path / "force-app").mkdir()
    put(tmp_path, ".gitkeep", b"")
    put(tmp_path, f"A{SUFFIX}", handler_file("A"))
    put(tmp_path, f"B{SUFFIX}", handler_file("B"))

    assert deploy()[:-1] == [
        "force-app was skipped. Put the folder's files into a .zip file.",
        f"Only the first 1 files in {tmp_path} are deployed.",
    ]
    assert [name for name, _ in statuses()] == [f"A{SUFFIX}"]


def test_a_folder_that_does_not_exist_is_one_sentence(admin, deploy, tmp_path):
    tmp_path.rmdir()

    assert deploy() == [f"{tmp_path} can't be read: No such file or directory."]


def test_each_org_has_its_own_hashes(org, deploy, tmp_path):
    put(tmp_path, f"Shop{SUFFIX}", handler_file())
    other = UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    ApexClassFactory(org=other.org, name="ShopTokens")
    deploy()

    deploy(by=other)

    assert TokenExchangeHandler.objects.filter(org=other.org).exists()


def test_a_reset_org_gets_the_files_again(org, admin, deploy, tmp_path):
    put(tmp_path, f"Shop{SUFFIX}", handler_file())
    deploy()
    clear_org(org, owner=admin)
    ApexClassFactory(org=org, name="ShopTokens")

    assert deploy() == [f"Shop{SUFFIX}: Deployed 1 of 1 component."]


def test_forgets_files_that_were_deleted(deploy, tmp_path):
    path = put(tmp_path, f"Shop{SUFFIX}", handler_file())
    deploy()
    path.unlink()

    deploy()

    assert not InitFile.objects.exists()
