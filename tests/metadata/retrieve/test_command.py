"""`manage.py retrieve`: an org's components as files in a folder, a zip, or a pipe."""

import os
import zipfile

import pytest

from tests.factories import OrgFactory, TokenExchangeHandlerFactory
from tests.metadata.commands import FOLDER, SUFFIX, fill, put, run
from tests.rollback import rolled_back
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.package.folder_writer import write_folder

SOURCE = "force-app/main/default"


@pytest.fixture
def handler(org, admin):
    return fill(org, admin)


def files_in(folder):
    return {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    }


# --- Retrieved components -------------------------------------------------------------


def test_retrieves_the_whole_org_without_names(handler, tmp_path):
    ran = run("retrieve", "--to", tmp_path)

    assert ran.status == 0
    assert files_in(tmp_path) >= {
        "package.xml",
        "classes/ShopTokens.cls",
        "classes/ShopTokens.cls-meta.xml",
        "connectedApps/Billing.connectedApp",
        "externalClientApps/Portal.eca",
        f"{FOLDER}/Fleet{SUFFIX}",
    }
    assert ran.lines[0].split() == ["Type", "Name", "File"]
    row = ["OauthTokenExchangeHandler", "Fleet", f"{FOLDER}/Fleet{SUFFIX}"]
    assert row in [line.split() for line in ran.lines]
    assert ran.lines[-1] == f"Retrieved 8 components to {tmp_path}."


def test_prints_the_current_folder(handler, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    ran = run("retrieve", "Fleet", "--to", ".")

    assert ran.lines[-1] == f"Retrieved 1 component to {tmp_path}."


def test_retrieves_a_handler_by_its_name(handler, tmp_path, subtests):
    TokenExchangeHandlerFactory(org=handler.org)
    type_name = "OauthTokenExchangeHandler"
    for number, name in enumerate(["Fleet", f"{type_name}:Fleet", f"{type_name}:fleet"]):
        with subtests.test(name=name):
            folder = tmp_path / str(number)
            assert run("retrieve", name, "--to", folder).status == 0
            assert files_in(folder) == {"package.xml", f"{FOLDER}/Fleet{SUFFIX}"}


def test_retrieves_all_components_of_a_type(handler, tmp_path, subtests):
    names = ["ConnectedApp:*", "ConnectedApp", "ConnectedApp:Billing"]
    for number, name in enumerate(names):
        with subtests.test(name=name):
            folder = tmp_path / str(number)
            run("retrieve", name, "--to", folder)
            file = "connectedApps/Billing.connectedApp"
            assert files_in(folder) == {"package.xml", file}


def test_source_format_uses_the_salesforce_clis_folders(handler, tmp_path):
    run("retrieve", "Fleet", "ApexClass:ShopTokens", "--source-format", "--to", tmp_path)

    assert files_in(tmp_path) == {
        f"{SOURCE}/classes/ShopTokens.cls",
        f"{SOURCE}/classes/ShopTokens.cls-meta.xml",
        f"{SOURCE}/{FOLDER}/Fleet{SUFFIX}-meta.xml",
    }


def test_reports_missing_components_and_writes_the_others(handler, tmp_path):
    ran = run("retrieve", "Fleet", "Gone", "Layout:X", "--to", tmp_path)

    assert ran.status == 1
    assert ran.err.splitlines() == [
        "Entity of type 'OauthTokenExchangeHandler' named 'Gone' cannot be found",
        "Entity of type 'Layout' named 'X' cannot be found",
    ]
    assert f"{FOLDER}/Fleet{SUFFIX}" in files_in(tmp_path)


def test_writes_nothing_if_nothing_was_found(handler, tmp_path):
    ran = run("retrieve", "Gone", "--to", tmp_path / "new")

    assert ran.status == 1
    assert "No components found. No files were written." in ran.err
    assert not (tmp_path / "new").exists()


def test_finds_nothing_of_other_orgs(handler, tmp_path):
    other = OrgFactory()
    TokenExchangeHandlerFactory(org=other, developer_name="Theirs")

    ran = run("retrieve", "Theirs", "--to", tmp_path, "--org", handler.org.pk)

    assert ran.status == 1
    assert not files_in(tmp_path)


# --- Targets --------------------------------------------------------------------------


def test_writes_a_zip(handler, tmp_path):
    path = tmp_path / "below" / "org.zip"

    ran = run("retrieve", "Fleet", "--to", path)

    assert ran.status == 0
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [f"{FOLDER}/Fleet{SUFFIX}", "package.xml"]
    assert files_in(tmp_path) == {"below/org.zip"}


def test_keeps_an_existing_zip_unless_forced(handler, tmp_path):
    path = put(tmp_path, "org.zip", b"mine")

    refused = run("retrieve", "--to", path)
    content = path.read_bytes()
    forced = run("retrieve", "--to", path, "--force")

    assert refused.status == 2
    assert refused.err == f"{path} already exists. Use --force to overwrite it.\n"
    assert content == b"mine"
    assert forced.status == 0
    assert zipfile.is_zipfile(path)


def test_writes_the_zip_to_standard_output_and_messages_to_standard_error(
    handler, capfdbinary
):
    ran = run("retrieve", "Fleet", "Gone", "--to", "-")

    output = capfdbinary.readouterr().out
    assert output.startswith(b"PK")
    assert ran.status == 1
    assert not ran.out
    assert "'Gone' cannot be found\nRetrieved 1 component." in ran.err


def test_standard_output_cannot_have_both_a_zip_and_json(handler):
    ran = run("retrieve", "--to", "-", "--json")

    assert ran.status == 2
    assert "both the zip and the JSON" in ran.err


def test_retrieving_again_replaces_nothing(handler, tmp_path):
    run("retrieve", "--to", tmp_path)
    before = (tmp_path / "package.xml").stat().st_mtime_ns

    assert run("retrieve", "--to", tmp_path).status == 0
    assert (tmp_path / "package.xml").stat().st_mtime_ns == before


def test_keeps_files_that_differ_unless_forced(handler, tmp_path):
    mine = put(tmp_path, f"{FOLDER}/Fleet{SUFFIX}", b"mine")
    other = put(tmp_path, "notes.txt", b"notes")

    refused = run("retrieve", "--to", tmp_path)
    remaining = files_in(tmp_path)
    forced = run("retrieve", "--to", tmp_path, "--force")

    assert refused.status == 2
    assert refused.err == (
        f"{FOLDER}/Fleet{SUFFIX} already exists. Use --force to overwrite it.\n"
    )
    assert remaining == {f"{FOLDER}/Fleet{SUFFIX}", "notes.txt"}
    assert forced.status == 0
    assert mine.read_bytes().startswith(b"<?xml")
    assert other.read_bytes() == b"notes"


def test_never_writes_through_a_link_that_leaves_the_folder(handler, tmp_path):
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (inside / FOLDER).symlink_to(outside, target_is_directory=True)

    ran = run("retrieve", "--to", inside, "--force")

    assert ran.status == 2
    assert f"{FOLDER}/Fleet{SUFFIX} would be outside the folder." in ran.err
    assert not files_in(outside)
    assert files_in(inside) == set()


def test_replaces_a_link_rather_than_its_target(handler, tmp_path):
    outside = put(tmp_path, "outside.xml", b"mine")
    (tmp_path / "inside" / FOLDER).mkdir(parents=True)
    (tmp_path / "inside" / FOLDER / f"Fleet{SUFFIX}").symlink_to(outside)

    run("retrieve", "Fleet", "--to", tmp_path / "inside", "--force")

    assert outside.read_bytes() == b"mine"
    assert not (tmp_path / "inside" / FOLDER / f"Fleet{SUFFIX}").is_symlink()


def test_refuses_names_outside_of_the_folder(tmp_path, subtests):
    for name in ["../out.xml", "a/../../out.xml", "/tmp/out.xml", "./out.xml", ""]:
        with subtests.test(name=name):
            folder = tmp_path / "inside"

            with pytest.raises(MetadataError, match="outside the folder"):
                write_folder([(name, ["x"])], folder)

            assert not files_in(tmp_path)


def test_a_failure_while_writing_leaves_nothing(tmp_path):
    def broken_content():
        yield "half"
        raise OSError("No space left on device")

    put(tmp_path, "existing.xml", b"mine")
    files = [
        ("first.xml", ["whole"]),
        ("existing.xml", ["theirs"]),
        ("second.xml", broken_content()),
    ]

    with pytest.raises(OSError, match="No space left"):
        write_folder(files, tmp_path, overwrite=True)

    assert os.listdir(tmp_path) == ["existing.xml"]
    assert (tmp_path / "existing.xml").read_bytes() == b"mine"


def test_refuses_a_folder_with_the_name_of_a_file(handler, tmp_path):
    (tmp_path / FOLDER / f"Fleet{SUFFIX}").mkdir(parents=True)

    ran = run("retrieve", "Fleet", "--to", tmp_path, "--force")

    assert ran.status == 2
    assert f"{FOLDER}/Fleet{SUFFIX} is a folder." in ran.err


def test_reports_a_path_that_cannot_be_written(handler, tmp_path):
    put(tmp_path, "file", b"")

    ran = run("retrieve", "--to", tmp_path / "file")

    assert ran.status == 2
    assert str(tmp_path / "file") in ran.err


# --- JSON output ----------------------------------------------------------------------


def test_prints_the_files_as_json(handler, tmp_path):
    ran = run("retrieve", "Fleet", "Gone", "--to", tmp_path, "--json")

    assert ran.status == 1
    assert ran.json["done"] is True
    [row] = ran.json["fileProperties"]
    assert row["fileName"] == f"{FOLDER}/Fleet{SUFFIX}"
    assert row["fullName"] == "Fleet"
    assert row["type"] == "OauthTokenExchangeHandler"
    assert row["lastModifiedDate"].endswith("Z")
    assert ran.json["messages"] == [
        {
            "fileName": "package.xml",
            "problem": "Entity of type 'OauthTokenExchangeHandler' named 'Gone' "
            "cannot be found",
        }
    ]


# --- Round trips ----------------------------------------------------------------------


def test_retrieved_files_change_nothing_when_deployed(handler, tmp_path, subtests):
    for target in ["folder", "folder in source format", "zip", "source zip"]:
        with subtests.test(target=target), rolled_back():
            path = tmp_path / target / ("org.zip" if "zip" in target else "org")
            source = ["--source-format"] if "source" in target else []

            retrieved = run("retrieve", "--to", path, *source)
            compared = run("diff", path)
            run("deploy", path)
            deployed = run("deploy", path)

            assert retrieved.status == compared.status == deployed.status == 0
            assert compared.out == "Compared 8 components: 8 unchanged.\n"
            assert {line.split()[0] for line in deployed.lines[1:9]} == {"Unchanged"}
