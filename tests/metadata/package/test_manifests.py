"""Packages: reading package.xml and the files it names, problems, and writing."""

import io
import zipfile
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenx.metadata.format import reader as xml
from tokenx.metadata.format.definitions import (
    TYPES,
    ApexClassDefinition,
    Manifest,
    ManifestTypes,
)
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.format.writer import write
from tokenx.metadata.limits import MAX_FILES, MAX_MANIFESTS_SIZE
from tokenx.metadata.package.archive import open_archive, open_files
from tokenx.metadata.package.components import file_names
from tokenx.metadata.package.manifests import read_packages
from tokenx.metadata.package.zip_writer import write_package

from .zips import changed, entry, renamed, zip_of

HANDLER = "OauthTokenExchangeHandler"
HANDLER_FILE = "oauthtokenexchangehandlers/Mine.oauthtokenexchangehandler"
CLASS_FILES = ["classes/Mine.cls", "classes/Mine.cls-meta.xml"]


def manifest(version="60.0", **members):
    """Return a manifest of members by type: `manifest(ApexClass=["Mine"])`."""
    types = [ManifestTypes(name=name, members=tuple(m)) for name, m in members.items()]
    return Manifest(types=tuple(types), version=version)


def text(definition):
    return "".join(write(definition))


def package_xml(version="60.0", **members):
    return text(manifest(version, **members))


def packages(files, **options):
    return read_packages(open_archive(zip_of(files)), **options)


def package(files, **options):
    [only] = packages(files, **options)
    return only


def names(read):
    return [(one.type_name, one.full_name) for one in read.components]


def problems_of(read):
    """Return a package's problems as tuples of file, component, and message."""
    return [(each.file_name, each.full_name, each.problem.text) for each in read.problems]


def errors(read):
    return [each for each in read.problems if not each.is_warning]


# A field is in its object's file.
OWN_FILES = [name for name in TYPES if name != "CustomField"]


# --- Forms -----------------------------------------------------------------------------


def test_reads_every_type_in_both_forms(subtests):
    for type_name, source_format in product(OWN_FILES, [True, False]):
        with subtests.test(type_name=type_name, source_format=source_format):
            files = file_names(type_name, "Mine", source_format=source_format)
            listed = package_xml(**{type_name: ["Mine"]})

            read = package(dict.fromkeys(files, b"<xml/>") | {"package.xml": listed})

            assert names(read) == [(type_name, "Mine")]
            assert not read.problems
            assert read.version == "60.0"
            assert read.components[0].open_xml().read() == b"<xml/>"


def test_file_locations_equal_salesforces():
    source = "force-app/main/default/"

    assert file_names("ApexClass", "Mine", source_format=False) == CLASS_FILES
    assert file_names("ApexClass", "Mine", source_format=True) == [
        source + name for name in CLASS_FILES
    ]
    assert file_names(HANDLER, "Mine", source_format=False) == [HANDLER_FILE]
    assert file_names(HANDLER, "Mine", source_format=True) == [
        f"{source}{HANDLER_FILE}-meta.xml"
    ]


def test_an_apex_class_has_its_code_and_its_xml():
    code, meta = CLASS_FILES
    listed = package_xml(ApexClass=["Mine"])

    read = package({"package.xml": listed, code: b"class Mine {}", meta: b"<ApexClass/>"})

    [component] = read.components
    assert (component.file_name, component.meta_file_name) == (code, meta)
    assert component.open_code().read() == b"class Mine {}"
    assert component.open_xml().read() == b"<ApexClass/>"


@pytest.mark.parametrize("folder", ["", "anything/", "OauthTokenExchangeHandlers/a/b/"])
def test_a_files_type_depends_on_its_suffix_only(folder):
    name = f"{folder}Mine.oauthtokenexchangehandler"

    read = package({"package.xml": package_xml(**{HANDLER: ["Mine"]}), name: b""})

    assert names(read) == [(HANDLER, "Mine")]


def test_decodes_file_names():
    read = package({"connectedApps/A %28B%29 100%25.connectedApp": b""})

    assert names(read) == [("ConnectedApp", "A (B) 100%")]


def test_a_name_that_cannot_be_decoded_stays_encoded(subtests):
    for name in ["A%00", "A%0AB", "A%FF", "A%zz"]:
        with subtests.test(name=name):
            assert names(package({f"{name}.connectedApp": b""})) == [("ConnectedApp", name)]


def test_returns_components_in_deployment_order():
    files = [
        "a/Mine.oauthtokenexchangehandler",
        "b/Mine.ecaGlblOauth",
        "c/Mine.eca",
        "d/B.connectedApp",
        "d/A.connectedApp",
        "e/Mine.cls",
        "e/Mine.cls-meta.xml",
    ]

    read = package(dict.fromkeys(files, b""))

    assert names(read) == [
        ("ApexClass", "Mine"),
        ("ConnectedApp", "A"),
        ("ConnectedApp", "B"),
        ("ExternalClientApplication", "Mine"),
        ("ExtlClntAppGlobalOauthSettings", "Mine"),
        (HANDLER, "Mine"),
    ]


# --- Location of package.xml -----------------------------------------------------------


@pytest.mark.parametrize("single_package", [True, None])
def test_one_package_can_be_at_the_root(single_package):
    files = {"package.xml": package_xml(**{HANDLER: ["Mine"]}), HANDLER_FILE: b""}

    read = package(files, single_package=single_package)

    assert (read.name, names(read)) == ("", [(HANDLER, "Mine")])


@pytest.mark.parametrize("single_package", [False, None])
def test_several_packages_have_a_folder_each(single_package):
    files = {
        "one/package.xml": package_xml(**{HANDLER: ["Mine"]}),
        f"one/{HANDLER_FILE}": b"1",
        "two/package.xml": package_xml("61.0", **{HANDLER: ["Mine"]}),
        f"two/{HANDLER_FILE}": b"2",
    }

    one, two = packages(files, single_package=single_package)

    assert (one.name, two.name) == ("one", "two")
    assert (one.version, two.version) == ("60.0", "61.0")
    assert one.components[0].open_xml().read() == b"1"
    assert two.components[0].file_name == f"two/{HANDLER_FILE}"
    assert not one.problems + two.problems


@pytest.mark.parametrize("single_package", [True, False, None])
def test_one_package_can_be_in_a_folder(single_package):
    listed = package_xml(**{HANDLER: ["Mine", "Yours"]})
    files = {"zip/": b"", "zip/package.xml": listed, f"zip/{HANDLER_FILE}": b"<xml/>"}
    files["zip/destructiveChanges.xml"] = package_xml(None, ApexClass=["Old"])

    read = package(files, single_package=single_package)

    assert read.name == "zip"
    assert [one.file_name for one in read.components] == [f"zip/{HANDLER_FILE}"]
    assert read.deletions_before == (("ApexClass", "Old", "zip/destructiveChanges.xml"),)
    [problem] = read.problems
    assert (problem.file_name, problem.full_name) == ("zip/package.xml", "Yours")


@pytest.mark.parametrize("other", ["other/a.txt", "a.txt", "destructiveChanges.xml"])
def test_one_package_is_in_a_folder_only_if_all_files_are(other):
    files = {"zip/package.xml": package_xml(), f"zip/{HANDLER_FILE}": b"", other: b""}

    read = package(files, single_package=True)

    assert problems_of(read) == [("package.xml", "package.xml", "No package.xml found")]


def test_a_package_xml_at_the_root_takes_precedence():
    files = {"package.xml": package_xml(), "zip/package.xml": package_xml()}

    read = package(files, single_package=True)

    assert read.name == ""
    message = "Skipped: not a file of a supported type"
    assert problems_of(read) == [("zip/package.xml", "package.xml", message)]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("folder_method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_can_contain_folder_entries(method, folder_method):
    folders = ["zip/", "zip/oauthtokenexchangehandlers/", "zip/empty/"]
    # Tools that deflate folder entries write compressed data for empty content.
    files = {entry(name, method=folder_method, mode=0o40755): b"" for name in folders}
    files |= {"zip/package.xml": package_xml(**{HANDLER: ["Mine"]})}
    files |= {f"zip/{HANDLER_FILE}": b"<xml/>"}

    [read] = read_packages(open_archive(zip_of(files, method=method)), single_package=True)

    assert read.components[0].open_xml().read() == b"<xml/>"
    assert not read.problems


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_package_xml_can_come_from_windows(encoding):
    listed = package_xml(**{HANDLER: ["Mine", "Yours"]}).replace("\n", "\r\n")
    listed = listed.replace("UTF-8", encoding.removesuffix("-sig"))

    read = package({"package.xml": listed.encode(encoding), HANDLER_FILE: b""})

    assert (names(read), read.version) == ([(HANDLER, "Mine")], "60.0")
    [problem] = read.problems
    assert (problem.full_name, problem.problem.line) == ("Yours", 3)


def test_reports_every_folder_without_a_package_xml():
    files = {"package.xml": package_xml(), HANDLER_FILE: b"", "classes/A.cls": b""}

    read = packages(files, single_package=False)

    message = "No package.xml found"
    assert [problems_of(each) for each in read] == [
        [("classes/package.xml", "package.xml", message)],
        [("oauthtokenexchangehandlers/package.xml", "package.xml", message)],
    ]
    assert not any(each.components for each in read)


def test_a_package_needs_its_package_xml(subtests):
    for files, single_package in [
        ({HANDLER_FILE: b""}, True),
        ({"package.xml": package_xml()}, False),
        ({}, True),
        ({}, False),
        ({"destructiveChanges.xml": package_xml(None)}, True),
        ({"destructiveChanges.xml": package_xml(None)}, None),
        ({"destructiveChangesPost.xml": package_xml(None), HANDLER_FILE: b""}, None),
    ]:
        with subtests.test(files=files, single_package=single_package):
            read = package(files, single_package=single_package)

            assert problems_of(read) == [
                ("package.xml", "package.xml", "No package.xml found")
            ]
            assert not read.components
            assert read.version is None


def test_reads_a_salesforce_cli_project(tmp_path):
    source = tmp_path / "force-app" / "main" / "default"
    for name in [*CLASS_FILES, f"{HANDLER_FILE}-meta.xml", "lwc/x/x.js"]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()
    (tmp_path / "sfdx-project.json").write_text("{}")
    (tmp_path / "manifest").mkdir()
    (tmp_path / "manifest" / "package.xml").write_text(package_xml(ApexClass=["Other"]))

    [read] = read_packages(open_archive(tmp_path))

    assert names(read) == [("ApexClass", "Mine"), (HANDLER, "Mine")]
    assert read.manifest is None
    assert not read.problems


def test_reads_separate_files():
    files = [*CLASS_FILES, "Mine.oauthtokenexchangehandler-meta.xml"]
    archive = open_files((name, io.BytesIO(b"")) for name in files)

    [read] = read_packages(archive)

    assert names(read) == [("ApexClass", "Mine"), (HANDLER, "Mine")]
    assert not read.problems


@pytest.mark.parametrize("files", [{}, {"notes.txt": b""}, {"Mine.xml": b""}])
def test_reports_that_nothing_was_found(files):
    message = "No package.xml and no file of a supported type found"

    assert problems_of(package(files)) == [("package.xml", "package.xml", message)]


# --- Manifest and files ----------------------------------------------------------------


def test_reports_members_without_a_file():
    read = package({"package.xml": package_xml(**{HANDLER: ["Mine", "Yours"]})})

    assert problems_of(read) == [
        (
            "package.xml",
            name,
            f"An object '{name}' of type {HANDLER} was named in package.xml, "
            "but was not found in zipped directory",
        )
        for name in ("Mine", "Yours")
    ]
    assert [each.type_name for each in read.problems] == [HANDLER, HANDLER]
    assert [each.problem.line for each in read.problems] == [3, 3]


def test_reports_files_that_are_not_members():
    files = dict.fromkeys([*CLASS_FILES, HANDLER_FILE], b"")

    read = package(files | {"package.xml": package_xml(**{HANDLER: ["Mine"]})})

    assert names(read) == [(HANDLER, "Mine")]
    assert problems_of(read) == [("classes/Mine.cls", "Mine", "Not in package.xml")]
    assert not read.problems[0].is_warning


def test_member_names_are_case_sensitive():
    read = package({HANDLER_FILE: b"", "package.xml": package_xml(**{HANDLER: ["mine"]})})

    assert not read.components
    assert [each.full_name for each in errors(read)] == ["Mine", "mine"]


def test_an_encoded_member_names_an_encoded_file():
    listed = package_xml(ConnectedApp=["A %28B%29", "C (D)"])
    files = {"A %28B%29.connectedApp": b"", "C %28D%29.connectedApp": b""}

    read = package(files | {"package.xml": listed})

    assert names(read) == [("ConnectedApp", "A (B)"), ("ConnectedApp", "C (D)")]
    assert not read.problems


def test_a_wildcard_includes_all_components_of_its_type():
    files = [*CLASS_FILES, HANDLER_FILE, "a/Other.oauthtokenexchangehandler"]
    listed = package_xml(**{HANDLER: ["*", "Mine"]})

    read = package(dict.fromkeys(files, b"") | {"package.xml": listed})

    assert names(read) == [(HANDLER, "Mine"), (HANDLER, "Other")]
    assert problems_of(read) == [("classes/Mine.cls", "Mine", "Not in package.xml")]


def test_a_wildcard_can_match_nothing():
    assert not package({"package.xml": package_xml(ApexClass=["*"])}).problems


def test_reports_an_unknown_type():
    listed = package_xml(Nonsense=["A"], **{HANDLER: ["Mine"]})

    read = package({"package.xml": listed, HANDLER_FILE: b""})

    message = "Unknown type name 'Nonsense' specified in package.xml"
    assert problems_of(read) == [("package.xml", "package.xml", message)]
    assert read.problems[0].problem.line == 3
    assert names(read) == [(HANDLER, "Mine")]


def test_warns_about_duplicate_members():
    listed = package_xml(**{HANDLER: ["Mine", "Mine"]})

    read = package({"package.xml": listed, HANDLER_FILE: b""})

    message = f"'Mine' of type {HANDLER} is listed twice in package.xml"
    assert problems_of(read) == [("package.xml", "package.xml", message)]
    assert read.problems[0].is_warning
    assert names(read) == [(HANDLER, "Mine")]


def test_warns_about_files_that_it_ignores():
    read = package({"package.xml": package_xml(), "layouts/Account.layout": b""})

    message = "Skipped: not a file of a supported type"
    assert problems_of(read) == [("layouts/Account.layout", "Account.layout", message)]
    assert read.problems[0].is_warning


def test_accepts_valid_versions(subtests):
    for version in ["60.0", "66.0", "60", "100.0"]:
        with subtests.test(version=version):
            assert package({"package.xml": package_xml(version)}).version == version


def test_refuses_invalid_versions(subtests):
    for version in ["", "60.5", "sixty", "-1.0", "0.0", "1e2", "60.0.0"]:
        with subtests.test(version=version):
            read = package({"package.xml": package_xml(version)})

            message = f"Invalid version '{version}' specified in package.xml"
            assert problems_of(read) == [("package.xml", "package.xml", message)]
            assert read.problems[0].problem.line == 3


def test_a_version_is_required():
    read = package({"package.xml": package_xml(None)})

    message = "Required field is missing: version"
    assert problems_of(read) == [("package.xml", "package.xml", message)]


def test_an_unreadable_package_xml_has_no_components():
    read = package({"package.xml": "<Package>\n<x>\n</Package>", HANDLER_FILE: b""})

    assert read.manifest is None
    assert not read.components
    assert {each.file_name for each in read.problems} == {"package.xml"}
    assert "Error parsing file" in read.problems[0].problem.text


def test_reports_a_damaged_package_xml():
    zipped = zip_of({"package.xml": package_xml()}, method=zipfile.ZIP_STORED)
    archive = open_archive(renamed(zipped, b"60.0", b"61.0"))

    [read] = read_packages(archive)

    assert "The file is damaged: Bad CRC-32" in read.problems[0].problem.text


def test_a_damaged_component_fails_when_it_is_read():
    archive = open_archive(changed(zip_of({HANDLER_FILE: b"text"}), 16, "<L", 0))
    [read] = read_packages(archive)

    with pytest.raises(MetadataError, match="The file is damaged: Bad CRC-32"):
        read.components[0].open_xml().read()


def test_refuses_manifests_of_more_than_5_mb_before_it_reads_them(subtests):
    manifests = ["package.xml", "destructiveChangesPre.xml"]
    for name, folders in product(manifests, [[""], ["one/", "two/"]]):
        with subtests.test(name=name, folders=folders):
            size = MAX_MANIFESTS_SIZE // len(folders) + 1
            files = {f"{folder}package.xml": b"" for folder in folders}
            files |= {f"{folder}{name}": bytes(size) for folder in folders}

            with pytest.raises(
                MetadataError, match=r"The limit is 5,242,880 bytes \(5 MB\)"
            ):
                packages(files)


@pytest.mark.parametrize("name", ["package.xml", "destructiveChanges.xml"])
def test_a_manifest_has_at_most_10_000_members(name):
    files = {"package.xml": package_xml()}
    largest = package_xml(ApexClass=["*"] * MAX_FILES)
    larger = package_xml(ApexClass=["*"] * MAX_FILES, Nonsense=[])
    message = f"More than 10,000 components are listed in {name}"

    assert message not in str(problems_of(package(files | {name: largest})))
    assert problems_of(package(files | {name: larger})) == [(name, name, message)]


# --- Files of a component --------------------------------------------------------------


@pytest.mark.parametrize("present, missing", [CLASS_FILES, CLASS_FILES[::-1]])
@pytest.mark.parametrize("files", [{"package.xml": package_xml(ApexClass=["Mine"])}, {}])
def test_an_apex_class_needs_both_files(present, missing, files):
    read = package(files | {present: b""})

    message = (
        f"An object 'Mine' of type ApexClass needs the file {missing}, "
        "but it was not found in zipped directory"
    )
    assert problems_of(read) == [(present, "Mine", message)]
    assert not read.components


def test_an_apex_class_has_both_files_in_one_folder():
    read = package({"a/Mine.cls": b"", "b/Mine.cls-meta.xml": b""})

    assert not read.components
    assert [each.file_name for each in read.problems] == [
        "a/Mine.cls",
        "b/Mine.cls-meta.xml",
    ]


@pytest.mark.parametrize(
    "other", [f"{HANDLER_FILE}-meta.xml", "x/MINE.oauthtokenexchangehandler"]
)
def test_a_component_has_one_file(other):
    files = {HANDLER_FILE: b"", other: b"", "package.xml": package_xml(**{HANDLER: ["*"]})}

    read = package(files)

    assert len(read.components) == 1
    [problem] = read.problems
    assert {problem.file_name, read.components[0].file_name} == {HANDLER_FILE, other}
    assert "was found twice in zipped directory" in problem.problem.text
    assert problem.type_name == HANDLER


def test_a_component_with_two_files_is_still_read():
    listed = package_xml(**{HANDLER: ["Mine"]})
    files = {HANDLER_FILE: b"", f"{HANDLER_FILE}-meta.xml": b"", "package.xml": listed}

    read = package(files)

    assert names(read) == [(HANDLER, "Mine")]
    assert len(read.problems) == 1


# --- Deletions -------------------------------------------------------------------------


def test_deletes_before_or_after():
    read = package(
        {
            "package.xml": package_xml(),
            "destructiveChanges.xml": package_xml(None, ApexClass=["A"]),
            "destructiveChangesPre.xml": package_xml(None, **{HANDLER: ["B"]}),
            "destructiveChangesPost.xml": package_xml("60.0", ConnectedApp=["C", "D"]),
        }
    )

    assert not read.problems
    assert read.deletions_before == (
        ("ApexClass", "A", "destructiveChanges.xml"),
        (HANDLER, "B", "destructiveChangesPre.xml"),
    )
    assert read.deletions_after == (
        ("ConnectedApp", "C", "destructiveChangesPost.xml"),
        ("ConnectedApp", "D", "destructiveChangesPost.xml"),
    )


def test_deletions_belong_to_their_folders_package():
    deleted = package_xml(None, ApexClass=["A"])
    files = {"one/package.xml": package_xml(), "one/destructiveChanges.xml": deleted}

    one, two = packages(files | {"two/package.xml": package_xml()})

    assert one.deletions_before == (("ApexClass", "A", "one/destructiveChanges.xml"),)
    assert not two.deletions_before


@pytest.mark.parametrize("part", ["", "Pre", "Post"])
def test_deletions_cannot_have_wildcards(part):
    name = f"destructiveChanges{part}.xml"
    deleted = package_xml(None, ApexClass=["*", "A"])

    read = package({"package.xml": package_xml(), name: deleted})

    message = f"Wildcard '*' of type ApexClass is not allowed in {name}"
    assert problems_of(read) == [(name, name, message)]
    assert read.deletions_before + read.deletions_after == (("ApexClass", "A", name),)


def test_reports_deletions_of_an_unknown_type():
    deleted = package_xml(None, Nonsense=["A"])

    read = package({"package.xml": package_xml(), "destructiveChanges.xml": deleted})

    message = "Unknown type name 'Nonsense' specified in destructiveChanges.xml"
    assert problems_of(read) == [
        ("destructiveChanges.xml", "destructiveChanges.xml", message)
    ]


def test_reports_unreadable_deletions_with_their_file():
    read = package({"package.xml": package_xml(), "destructiveChanges.xml": "no"})

    message = "Error parsing file: Content is not allowed in prolog."
    assert problems_of(read) == [
        ("destructiveChanges.xml", "destructiveChanges.xml", message)
    ]
    assert not read.deletions_before


# --- Writing ---------------------------------------------------------------------------


def written(files, listed, **options):
    target = io.BytesIO()
    write_package(files, listed, target, **options)
    return target


def test_a_written_package_round_trips():
    code, meta = CLASS_FILES
    definition = ApexClassDefinition(api_version="60.0")
    files = [(meta, write(definition)), (code, ["class ", b"Mine {}"])]

    target = written(files, manifest(ApexClass=["Mine"]))

    [read] = read_packages(open_archive(target))
    assert not read.problems
    [component] = read.components
    assert component.open_code().read() == b"class Mine {}"
    assert xml.read(ApexClassDefinition, component.open_xml()).definition == definition


def test_equal_files_create_equal_zips():
    files = [(name, [b"text"]) for name in [*CLASS_FILES, HANDLER_FILE]]

    assert (
        written(files, manifest()).getvalue() == written(files[::-1], manifest()).getvalue()
    )


def test_a_zip_has_no_dates_and_no_traces_of_its_system():
    with zipfile.ZipFile(written([(HANDLER_FILE, [])], manifest())) as made:
        for info in made.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.extra) == (3, b"")
        assert made.namelist() == sorted(made.namelist())


def test_a_package_can_be_written_to_a_folder():
    target = written(
        [(HANDLER_FILE, [])], manifest(**{HANDLER: ["*"]}), folder="unpackaged"
    )

    [read] = read_packages(open_archive(target))
    assert read.name == "unpackaged"
    assert [one.file_name for one in read.components] == [f"unpackaged/{HANDLER_FILE}"]


def test_streams_one_file_after_the_other():
    begun = []

    def content(name):
        begun.append(name)
        yield f"{name} after {len(begun)}"

    target = written([(name, content(name)) for name in "cab"], manifest())

    assert begun == ["a", "b", "c"]
    assert open_archive(target).open("b").read() == b"b after 2"


def test_refuses_to_write_more_files_than_it_reads():
    files = [(f"{number}.txt", []) for number in range(10_000)]
    target = io.BytesIO()

    with pytest.raises(MetadataError, match="more than 10,000 files"):
        write_package(files, manifest(), target)
    assert not target.getvalue()

    write_package(files[1:], manifest(), target)
    assert len(open_archive(target)) == 10_000


NAMES = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20
).filter(lambda name: "%" not in name and name != "*" and name.strip() == name)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    components=st.lists(
        st.tuples(st.sampled_from(OWN_FILES), NAMES),
        unique_by=lambda one: (one[0], one[1].casefold()),
        max_size=8,
    ),
    source_format=st.booleans(),
    folder=st.sampled_from(["", "unpackaged"]),
)
def test_any_components_round_trip(components, source_format, folder):
    check_round_trip(components, source_format, folder)


def test_components_with_unusual_names_round_trip(subtests):
    unusual = ["A (B)", "a.b", "Café", "漢🙂", "x/y", "\\", "..", "'\"<&>", "+ !"]
    components = [*product(OWN_FILES, unusual)]
    for source_format, folder in product([True, False], ["", "unpackaged"]):
        with subtests.test(source_format=source_format, folder=folder):
            check_round_trip(components, source_format, folder)


def check_round_trip(components, source_format, folder):
    members = {}
    for type_name, full_name in components:
        members.setdefault(type_name, []).append(full_name)
    files = [
        (name, [full_name])
        for type_name, full_name in components
        for name in file_names(type_name, full_name, source_format=source_format)
    ]

    target = written(files, manifest(**members), folder=folder)

    [read] = read_packages(open_archive(target))
    assert not read.problems
    assert sorted(names(read)) == sorted(components)
    for one in read.components:
        assert one.open_xml().read().decode() == one.full_name


def test_reads_a_folder(tmp_path):
    (tmp_path / HANDLER_FILE).parent.mkdir()
    (tmp_path / HANDLER_FILE).write_bytes(b"<xml/>")
    (tmp_path / "package.xml").write_text(package_xml(**{HANDLER: ["Mine"]}))

    [read] = read_packages(open_archive(tmp_path), single_package=True)

    assert names(read) == [(HANDLER, "Mine")]
    assert not read.problems
