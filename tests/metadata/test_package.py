"""Packages: what is read from package.xml and the files, and what is wrong with them."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metadata.zips import changed, entry, renamed, zip_of
from tokenx.metadata import xml
from tokenx.metadata.archive import open_archive, open_files
from tokenx.metadata.components import file_names
from tokenx.metadata.definition import (
    TYPES,
    ApexClassDefinition,
    Manifest,
    ManifestTypes,
)
from tokenx.metadata.errors import MetadataError
from tokenx.metadata.files import MAX_FILES
from tokenx.metadata.package import MAX_MANIFESTS_SIZE, read_packages
from tokenx.metadata.package_writer import write_package
from tokenx.metadata.xml_writer import write

HANDLER = "OauthTokenExchangeHandler"
HANDLER_FILE = "oauthtokenexchangehandlers/Mine.oauthtokenexchangehandler"
CLASS_FILES = ["classes/Mine.cls", "classes/Mine.cls-meta.xml"]


def manifest(version="60.0", **members):
    """A manifest of members by type: `manifest(ApexClass=["Mine"])`."""
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


def said(read):
    """What is wrong with a package: file, component, words."""
    return [(each.file_name, each.full_name, each.problem.text) for each in read.problems]


def errors(read):
    return [each for each in read.problems if not each.is_warning]


# --- Forms -----------------------------------------------------------------------------


@pytest.mark.parametrize("source_format", [True, False], ids=["source", "metadata"])
@pytest.mark.parametrize("type_name", TYPES)
def test_reads_every_type_in_both_forms(type_name, source_format):
    files = file_names(type_name, "Mine", source_format=source_format)
    listed = package_xml(**{type_name: ["Mine"]})

    read = package(dict.fromkeys(files, b"<xml/>") | {"package.xml": listed})

    assert names(read) == [(type_name, "Mine")]
    assert not read.problems
    assert read.version == "60.0"
    assert read.components[0].open_xml().read() == b"<xml/>"


def test_lays_files_where_salesforce_lays_them():
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

    [found] = read.components
    assert (found.file_name, found.meta_file_name) == (code, meta)
    assert found.open_code().read() == b"class Mine {}"
    assert found.open_xml().read() == b"<ApexClass/>"


@pytest.mark.parametrize("folder", ["", "anything/", "OauthTokenExchangeHandlers/a/b/"])
def test_the_suffix_counts_and_not_the_folder(folder):
    name = f"{folder}Mine.oauthtokenexchangehandler"

    read = package({"package.xml": package_xml(**{HANDLER: ["Mine"]}), name: b""})

    assert names(read) == [(HANDLER, "Mine")]


def test_reads_letters_that_a_file_name_has_encoded():
    read = package({"connectedApps/A %28B%29 100%25.connectedApp": b""})

    assert names(read) == [("ConnectedApp", "A (B) 100%")]


@pytest.mark.parametrize("name", ["A%00", "A%0AB", "A%FF", "A%zz"])
def test_a_name_that_would_be_no_text_stays_encoded(name):
    assert names(package({f"{name}.connectedApp": b""})) == [("ConnectedApp", name)]


def test_gives_components_in_the_order_of_deployment():
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


# --- Where package.xml lies ------------------------------------------------------------


@pytest.mark.parametrize("single_package", [True, None])
def test_one_package_lies_at_the_root(single_package):
    files = {"package.xml": package_xml(**{HANDLER: ["Mine"]}), HANDLER_FILE: b""}

    read = package(files, single_package=single_package)

    assert (read.name, names(read)) == ("", [(HANDLER, "Mine")])


@pytest.mark.parametrize("single_package", [False, None])
def test_several_packages_lie_in_a_folder_each(single_package):
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
def test_one_package_may_lie_in_a_folder(single_package):
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
def test_one_package_lies_in_a_folder_only_if_all_does(other):
    files = {"zip/package.xml": package_xml(), f"zip/{HANDLER_FILE}": b"", other: b""}

    read = package(files, single_package=True)

    assert said(read) == [("package.xml", "package.xml", "No package.xml found")]


def test_a_package_xml_at_the_root_is_the_one():
    files = {"package.xml": package_xml(), "zip/package.xml": package_xml()}

    read = package(files, single_package=True)

    assert read.name == ""
    words = "Left out: not a file of a type that is known here"
    assert said(read) == [("zip/package.xml", "package.xml", words)]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("folder_method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_may_name_its_folders(method, folder_method):
    folders = ["zip/", "zip/oauthtokenexchangehandlers/", "zip/empty/"]
    # Tools that deflate a folder write what nothing becomes when it is deflated.
    files = {entry(name, method=folder_method, mode=0o40755): b"" for name in folders}
    files |= {"zip/package.xml": package_xml(**{HANDLER: ["Mine"]})}
    files |= {f"zip/{HANDLER_FILE}": b"<xml/>"}

    [read] = read_packages(open_archive(zip_of(files, method=method)), single_package=True)

    assert read.components[0].open_xml().read() == b"<xml/>"
    assert not read.problems


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_package_xml_may_come_from_windows(encoding):
    listed = package_xml(**{HANDLER: ["Mine", "Yours"]}).replace("\n", "\r\n")
    listed = listed.replace("UTF-8", encoding.removesuffix("-sig"))

    read = package({"package.xml": listed.encode(encoding), HANDLER_FILE: b""})

    assert (names(read), read.version) == ([(HANDLER, "Mine")], "60.0")
    [problem] = read.problems
    assert (problem.full_name, problem.problem.line) == ("Yours", 3)


def test_every_folder_without_a_package_xml_is_said():
    files = {"package.xml": package_xml(), HANDLER_FILE: b"", "classes/A.cls": b""}

    read = packages(files, single_package=False)

    words = "No package.xml found"
    assert [said(each) for each in read] == [
        [("classes/package.xml", "package.xml", words)],
        [("oauthtokenexchangehandlers/package.xml", "package.xml", words)],
    ]
    assert not any(each.components for each in read)


@pytest.mark.parametrize(
    "files, single_package",
    [
        ({HANDLER_FILE: b""}, True),
        ({"package.xml": package_xml()}, False),
        ({}, True),
        ({}, False),
        ({"destructiveChanges.xml": package_xml(None)}, True),
        ({"destructiveChanges.xml": package_xml(None)}, None),
        ({"destructiveChangesPost.xml": package_xml(None), HANDLER_FILE: b""}, None),
    ],
)
def test_a_package_needs_its_package_xml(files, single_package):
    read = package(files, single_package=single_package)

    assert said(read) == [("package.xml", "package.xml", "No package.xml found")]
    assert not read.components
    assert read.version is None


def test_reads_the_project_folder_of_the_command_line(tmp_path):
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


def test_reads_files_that_came_one_by_one():
    files = [*CLASS_FILES, "Mine.oauthtokenexchangehandler-meta.xml"]
    archive = open_files((name, io.BytesIO(b"")) for name in files)

    [read] = read_packages(archive)

    assert names(read) == [("ApexClass", "Mine"), (HANDLER, "Mine")]
    assert not read.problems


@pytest.mark.parametrize("files", [{}, {"notes.txt": b""}, {"Mine.xml": b""}])
def test_says_that_it_found_nothing(files):
    words = "No package.xml found, nor a file of a type that is known here"

    assert said(package(files)) == [("package.xml", "package.xml", words)]


# --- Manifest and files ----------------------------------------------------------------


def test_says_what_is_named_and_not_there():
    read = package({"package.xml": package_xml(**{HANDLER: ["Mine", "Yours"]})})

    assert said(read) == [
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


def test_says_what_is_there_and_not_named():
    files = dict.fromkeys([*CLASS_FILES, HANDLER_FILE], b"")

    read = package(files | {"package.xml": package_xml(**{HANDLER: ["Mine"]})})

    assert names(read) == [(HANDLER, "Mine")]
    assert said(read) == [("classes/Mine.cls", "Mine", "Not in package.xml")]
    assert not read.problems[0].is_warning


def test_names_are_written_as_their_files_are():
    read = package({HANDLER_FILE: b"", "package.xml": package_xml(**{HANDLER: ["mine"]})})

    assert not read.components
    assert [each.full_name for each in errors(read)] == ["Mine", "mine"]


def test_an_encoded_member_names_an_encoded_file():
    listed = package_xml(ConnectedApp=["A %28B%29", "C (D)"])
    files = {"A %28B%29.connectedApp": b"", "C %28D%29.connectedApp": b""}

    read = package(files | {"package.xml": listed})

    assert names(read) == [("ConnectedApp", "A (B)"), ("ConnectedApp", "C (D)")]
    assert not read.problems


def test_a_wildcard_names_all_of_its_type():
    files = [*CLASS_FILES, HANDLER_FILE, "a/Other.oauthtokenexchangehandler"]
    listed = package_xml(**{HANDLER: ["*", "Mine"]})

    read = package(dict.fromkeys(files, b"") | {"package.xml": listed})

    assert names(read) == [(HANDLER, "Mine"), (HANDLER, "Other")]
    assert said(read) == [("classes/Mine.cls", "Mine", "Not in package.xml")]


def test_a_wildcard_of_nothing_is_fine():
    assert not package({"package.xml": package_xml(ApexClass=["*"])}).problems


def test_says_that_a_type_is_unknown():
    listed = package_xml(Nonsense=["A"], **{HANDLER: ["Mine"]})

    read = package({"package.xml": listed, HANDLER_FILE: b""})

    words = "Unknown type name 'Nonsense' specified in package.xml"
    assert said(read) == [("package.xml", "package.xml", words)]
    assert read.problems[0].problem.line == 3
    assert names(read) == [(HANDLER, "Mine")]


def test_warns_of_a_member_that_is_listed_twice():
    listed = package_xml(**{HANDLER: ["Mine", "Mine"]})

    read = package({"package.xml": listed, HANDLER_FILE: b""})

    words = f"'Mine' of type {HANDLER} is named twice in package.xml"
    assert said(read) == [("package.xml", "package.xml", words)]
    assert read.problems[0].is_warning
    assert names(read) == [(HANDLER, "Mine")]


def test_warns_of_files_that_it_leaves_out():
    read = package({"package.xml": package_xml(), "objects/Account.object": b""})

    words = "Left out: not a file of a type that is known here"
    assert said(read) == [("objects/Account.object", "Account.object", words)]
    assert read.problems[0].is_warning


@pytest.mark.parametrize("version", ["60.0", "66.0", "60", "100.0"])
def test_takes_a_version(version):
    assert package({"package.xml": package_xml(version)}).version == version


@pytest.mark.parametrize("version", ["", "60.5", "sixty", "-1.0", "0.0", "1e2", "60.0.0"])
def test_refuses_what_is_no_version(version):
    read = package({"package.xml": package_xml(version)})

    words = f"Invalid version '{version}' specified in package.xml"
    assert said(read) == [("package.xml", "package.xml", words)]
    assert read.problems[0].problem.line == 3


def test_a_version_is_required():
    read = package({"package.xml": package_xml(None)})

    words = "Required field is missing: version"
    assert said(read) == [("package.xml", "package.xml", words)]


def test_a_package_xml_that_cannot_be_read_deploys_nothing():
    read = package({"package.xml": "<Package>\n<x>\n</Package>", HANDLER_FILE: b""})

    assert read.manifest is None
    assert not read.components
    assert {each.file_name for each in read.problems} == {"package.xml"}
    assert "Error parsing file" in read.problems[0].problem.text


def test_a_damaged_package_xml_is_said():
    zipped = zip_of({"package.xml": package_xml()}, method=zipfile.ZIP_STORED)
    archive = open_archive(renamed(zipped, b"60.0", b"61.0"))

    [read] = read_packages(archive)

    assert "The file is damaged: Bad CRC-32" in read.problems[0].problem.text


def test_a_damaged_component_says_so_when_it_is_read():
    archive = open_archive(changed(zip_of({HANDLER_FILE: b"text"}), 16, "<L", 0))
    [read] = read_packages(archive)

    with pytest.raises(MetadataError, match="The file is damaged: Bad CRC-32"):
        read.components[0].open_xml().read()


@pytest.mark.parametrize("name", ["package.xml", "destructiveChangesPre.xml"])
@pytest.mark.parametrize("folders", [[""], ["one/", "two/"]])
def test_refuses_manifests_of_more_than_5_mb_before_it_reads_them(name, folders):
    size = MAX_MANIFESTS_SIZE // len(folders) + 1
    files = {f"{folder}package.xml": b"" for folder in folders}
    files |= {f"{folder}{name}": bytes(size) for folder in folders}

    with pytest.raises(MetadataError, match=r"at most 5,242,880 \(5 MB\) may be"):
        packages(files)


@pytest.mark.parametrize("name", ["package.xml", "destructiveChanges.xml"])
def test_a_manifest_names_no_more_than_a_package_may_have(name):
    files = {"package.xml": package_xml()}
    largest = package_xml(ApexClass=["*"] * MAX_FILES)
    larger = package_xml(ApexClass=["*"] * MAX_FILES, Nonsense=[])
    words = f"More than 10,000 components are named in {name}"

    assert words not in str(said(package(files | {name: largest})))
    assert said(package(files | {name: larger})) == [(name, name, words)]


# --- Files of a component --------------------------------------------------------------


@pytest.mark.parametrize("there, missing", [CLASS_FILES, CLASS_FILES[::-1]])
@pytest.mark.parametrize("files", [{"package.xml": package_xml(ApexClass=["Mine"])}, {}])
def test_an_apex_class_needs_both_files(there, missing, files):
    read = package(files | {there: b""})

    words = (
        f"An object 'Mine' of type ApexClass needs the file {missing}, "
        "but it was not found in zipped directory"
    )
    assert said(read) == [(there, "Mine", words)]
    assert not read.components


def test_the_two_files_of_an_apex_class_lie_together():
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


def test_a_component_of_two_files_is_still_named():
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


def test_deletions_belong_to_the_package_they_lie_in():
    deleted = package_xml(None, ApexClass=["A"])
    files = {"one/package.xml": package_xml(), "one/destructiveChanges.xml": deleted}

    one, two = packages(files | {"two/package.xml": package_xml()})

    assert one.deletions_before == (("ApexClass", "A", "one/destructiveChanges.xml"),)
    assert not two.deletions_before


@pytest.mark.parametrize("part", ["", "Pre", "Post"])
def test_deletions_have_no_wildcards(part):
    name = f"destructiveChanges{part}.xml"
    deleted = package_xml(None, ApexClass=["*", "A"])

    read = package({"package.xml": package_xml(), name: deleted})

    words = f"Wildcard '*' of type ApexClass is not allowed in {name}"
    assert said(read) == [(name, name, words)]
    assert read.deletions_before + read.deletions_after == (("ApexClass", "A", name),)


def test_deletions_of_an_unknown_type_are_said():
    deleted = package_xml(None, Nonsense=["A"])

    read = package({"package.xml": package_xml(), "destructiveChanges.xml": deleted})

    words = "Unknown type name 'Nonsense' specified in destructiveChanges.xml"
    assert said(read) == [("destructiveChanges.xml", "destructiveChanges.xml", words)]


def test_deletions_that_cannot_be_read_are_said_with_their_file():
    read = package({"package.xml": package_xml(), "destructiveChanges.xml": "no"})

    words = "Error parsing file: Content is not allowed in prolog."
    assert said(read) == [("destructiveChanges.xml", "destructiveChanges.xml", words)]
    assert not read.deletions_before


# --- Writing ---------------------------------------------------------------------------


def written(files, listed, **options):
    target = io.BytesIO()
    write_package(files, listed, target, **options)
    return target


def test_writes_what_it_reads():
    code, meta = CLASS_FILES
    definition = ApexClassDefinition(api_version="60.0")
    files = [(meta, write(definition)), (code, ["class ", b"Mine {}"])]

    target = written(files, manifest(ApexClass=["Mine"]))

    [read] = read_packages(open_archive(target))
    assert not read.problems
    [found] = read.components
    assert found.open_code().read() == b"class Mine {}"
    assert xml.read(ApexClassDefinition, found.open_xml()).definition == definition


def test_the_same_files_make_the_same_zip():
    files = [(name, [b"text"]) for name in [*CLASS_FILES, HANDLER_FILE]]

    assert (
        written(files, manifest()).getvalue() == written(files[::-1], manifest()).getvalue()
    )


def test_a_zip_tells_nothing_of_when_and_where_it_was_made():
    with zipfile.ZipFile(written([(HANDLER_FILE, [])], manifest())) as made:
        for info in made.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.extra) == (3, b"")
        assert made.namelist() == sorted(made.namelist())


def test_a_retrieve_lies_in_a_folder():
    target = written(
        [(HANDLER_FILE, [])], manifest(**{HANDLER: ["*"]}), folder="unpackaged"
    )

    [read] = read_packages(open_archive(target))
    assert read.name == "unpackaged"
    assert [one.file_name for one in read.components] == [f"unpackaged/{HANDLER_FILE}"]


def test_writes_one_content_after_the_other():
    begun = []

    def content(name):
        begun.append(name)
        yield f"{name} after {len(begun)}"

    target = written([(name, content(name)) for name in "cab"], manifest())

    assert begun == ["a", "b", "c"]
    assert open_archive(target).open("b").read() == b"b after 2"


def test_does_not_write_what_could_not_be_read():
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


@settings(deadline=None, max_examples=100)
@given(
    components=st.lists(
        st.tuples(st.sampled_from([*TYPES]), NAMES),
        unique_by=lambda one: (one[0], one[1].casefold()),
        max_size=8,
    ),
    source_format=st.booleans(),
    folder=st.sampled_from(["", "unpackaged"]),
)
def test_any_components_come_back_as_they_were(components, source_format, folder):
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


def test_reads_a_folder_as_it_lies_there(tmp_path):
    (tmp_path / HANDLER_FILE).parent.mkdir()
    (tmp_path / HANDLER_FILE).write_bytes(b"<xml/>")
    (tmp_path / "package.xml").write_text(package_xml(**{HANDLER: ["Mine"]}))

    [read] = read_packages(open_archive(tmp_path), single_package=True)

    assert names(read) == [(HANDLER, "Mine")]
    assert not read.problems
