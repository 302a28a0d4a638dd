"""Archives: files read from a zip or a folder, and refusals before reading."""

import io
import os
import stat
import struct
import tracemalloc
import zipfile
from itertools import product

import pytest

from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.limits import MAX_FILES, MAX_UNPACKED_SIZE, MAX_ZIP_SIZE
from tokenx.metadata.package.archive import open_archive, open_files

from .zips import DIRECTORY_ENTRY, LOCAL_ENTRY, changed, entry, renamed, zip_of

# Offsets in an entry of a zip's directory.
FLAGS, METHOD, CRC, PACKED_SIZE, SIZE = 8, 10, 16, 20, 24


def refusal(source, **options):
    """Return the error for an archive that is refused."""
    with pytest.raises(MetadataError) as caught:
        open_archive(source, **options)
    return str(caught.value)


def read_refusal(archive, name):
    """Return the error for a file that turns out to be damaged."""
    with pytest.raises(MetadataError) as caught:
        archive.open(name).read()
    return str(caught.value)


# --- Accepted archives -----------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_reads_the_files_of_a_zip_by_name(method):
    archive = open_archive(zip_of({"b/c.txt": b"see", "a.txt": b""}, method=method))

    assert list(archive) == ["a.txt", "b/c.txt"]
    assert archive.size("b/c.txt") == 3
    assert archive.open("b/c.txt").read() == b"see"
    assert archive.open("a.txt").read() == b""


def test_files_can_be_read_repeatedly_and_in_parallel():
    archive = open_archive(zip_of({"a": b"aaaa", "b": b"bbbb"}))
    first, second = archive.open("a"), archive.open("b")

    assert first.read(2) + second.read(4) + first.read(2) == b"aabbbbaa"
    assert archive.open("a").read() == b"aaaa"


def test_closing_an_archive_closes_its_zip_file(tmp_path):
    path = tmp_path / "package.zip"
    path.write_bytes(zip_of({"a": b"text"}).getvalue())

    with open_archive(path) as archive:
        assert archive.open("a").read() == b"text"

    assert "closed file" in read_refusal(archive, "a")


def test_leaves_the_callers_stream_open():
    stream = zip_of({"a": b"text"})

    with open_archive(stream) as archive:
        archive.open("a").close()

    assert not stream.closed


def test_reads_the_files_of_a_folder(tmp_path):
    (tmp_path / "classes" / "deep").mkdir(parents=True)
    (tmp_path / "classes" / "deep" / "A.cls").write_bytes(b"class A {}")
    (tmp_path / "package.xml").write_bytes(b"<Package/>")

    archive = open_archive(tmp_path)

    assert list(archive) == ["classes/deep/A.cls", "package.xml"]
    assert archive.open("classes/deep/A.cls").read() == b"class A {}"


def test_a_single_file_is_an_archive_of_itself(tmp_path):
    path = tmp_path / "My.connectedApp"
    path.write_bytes(b"<ConnectedApp/>")

    from_disk = open_archive(path)
    from_stream = open_archive(io.BytesIO(b"<ConnectedApp/>"), name="My.connectedApp")

    for archive in (from_disk, from_stream):
        assert list(archive) == ["My.connectedApp"]
        assert archive.open("My.connectedApp").read() == b"<ConnectedApp/>"


def test_reads_separate_files():
    streams = {"B.cls": io.BytesIO(b"class"), "A.eca": io.BytesIO(b"app")}

    archive = open_files(streams.items())

    assert list(archive) == ["A.eca", "B.cls"]
    assert archive.open("B.cls").read() == b"class"
    archive.open("B.cls").close()
    assert archive.open("B.cls").read() == b"class"


def test_ignores_system_files():
    litter = [
        "__MACOSX/classes/._A.cls",
        ".DS_Store",
        "classes/.DS_Store",
        ".forceignore",
        "Thumbs.db",
        ".git/config",
        "node_modules/x/package.xml",
    ]

    archive = open_archive(zip_of(dict.fromkeys([*litter, "a/", "a/b.txt"], b"")))

    assert list(archive) == ["a/b.txt"]


def test_does_not_enter_folders_of_tools(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "loop").symlink_to("/")
    (tmp_path / "A.cls").touch()

    assert list(open_archive(tmp_path)) == ["A.cls"]


# --- Not a zip file --------------------------------------------------------------------


def test_refuses_files_that_are_not_zip_files(subtests):
    contents = [b"", b"PK", b"text", b"\0" * 100_000]
    for content, name in product(contents, ["", "package.zip", "PACKAGE.ZIP"]):
        with subtests.test(content=content, name=name):
            problem = refusal(io.BytesIO(content), name=name)
            assert problem == "The file is not a zip file."


def test_refuses_a_truncated_zip(subtests):
    whole = zip_of({"classes/A.cls": b"class A {}"}).getvalue()

    for kept in [5, 30, 60, 100, -1, -22]:
        with subtests.test(kept=kept):
            assert "damaged" in refusal(io.BytesIO(whole[:kept]))


def test_refuses_a_zip_with_a_damaged_directory():
    damaged = changed(zip_of({"a": b"a", "b": b"b"}), 0, "4s", b"PKno")

    assert "The zip file is damaged" in refusal(damaged)


def test_refuses_a_name_that_is_not_valid_utf_8():
    damaged = changed(zip_of({"ab": b""}), FLAGS, "<H", 0x800)

    assert "The zip file is damaged" in refusal(renamed(damaged, b"ab", b"\xff\xfe"))


# --- Limits ----------------------------------------------------------------------------


def test_accepts_10_000_files_and_refuses_one_more():
    names = [f"{number}.txt" for number in range(MAX_FILES + 1)]

    assert len(open_archive(zip_of(dict.fromkeys(names[1:], b"")))) == 10_000
    too_many = refusal(zip_of(dict.fromkeys(names, b"")))
    assert too_many == "The zip file has more than 10,000 files."


@pytest.mark.parametrize("maximum", [3, pytest.param(MAX_FILES, marks=pytest.mark.slow)])
def test_refuses_too_many_files_in_a_folder(tmp_path, maximum, monkeypatch):
    monkeypatch.setattr("tokenx.metadata.package.safe_files.MAX_FILES", maximum)
    for number in range(maximum):
        (tmp_path / f"{number}.txt").touch()
    assert len(open_archive(tmp_path)) == maximum

    (tmp_path / "more.txt").touch()

    assert refusal(tmp_path) == f"The folder has more than {maximum:,} files."


def test_counts_a_zips_entries_before_it_reads_the_directory():
    one = DIRECTORY_ENTRY + struct.pack("<6H3L5H2L", *[0] * 16)
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 0, 0, len(one) * 500_000, 0, 0)
    hostile = io.BytesIO(one * 500_000 + end)
    tracemalloc.start()

    assert refusal(hostile) == "The zip file has more than 10,000 files."

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_refuses_a_zip_of_more_than_39_mb():
    whole = zip_of({"a": b"text"}).getvalue()
    # Bytes before a zip don't change it.
    largest = io.BytesIO(bytes(MAX_ZIP_SIZE - len(whole)) + whole)
    larger = io.BytesIO(bytes(MAX_ZIP_SIZE + 1 - len(whole)) + whole)

    assert open_archive(largest).open("a").read() == b"text"
    assert "40,894,465 bytes. The limit is 40,894,464 bytes (39 MB)." in refusal(larger)


def test_refuses_more_than_600_mb_of_unpacked_files():
    honest = zip_of({"a": b"text", "b": b"text"})
    largest = changed(honest, SIZE, "<L", MAX_UNPACKED_SIZE - 4)
    larger = changed(honest, SIZE, "<L", MAX_UNPACKED_SIZE - 3)

    assert open_archive(largest).size("a") == MAX_UNPACKED_SIZE - 4
    assert "629,145,601 bytes when unpacked" in refusal(larger)


@pytest.mark.slow
def test_refuses_a_zip_bomb():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w") as made, made.open(entry("bomb.txt"), "w") as stream:
        for _ in range(MAX_UNPACKED_SIZE // 2**20 + 1):
            stream.write(bytes(2**20))

    assert len(bomb.getvalue()) < 1_000_000
    assert "600 MB" in refusal(bomb)


def test_stops_reading_an_entry_at_its_declared_size():
    bomb = changed(zip_of({"a": bytes(10_000_000)}), SIZE, "<L", 100)
    archive = open_archive(bomb)
    tracemalloc.start()

    assert "The file is damaged" in read_refusal(archive, "a")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_an_entry_shorter_than_its_declared_size_is_damaged():
    archive = open_archive(changed(zip_of({"a": b"text"}), SIZE, "<L", 5))

    problem = "The file is damaged: its size differs from the declared size"
    assert read_refusal(archive, "a") == problem


def test_a_file_that_cannot_be_opened_is_not_reported_as_damaged(tmp_path):
    path = tmp_path / "a"
    path.touch()
    archive = open_archive(tmp_path)
    path.unlink()

    problem = f"The file can't be read: {path}: No such file or directory"
    assert read_refusal(archive, "a") == problem


def test_refuses_entries_that_overlap():
    stored = zip_of({"a": b"text", "b": b"text"}, method=zipfile.ZIP_STORED)
    overlapping = changed(stored, PACKED_SIZE, "<L", len(stored.getvalue()))

    assert refusal(overlapping) == "The zip file is damaged: its files overlap."


def test_refuses_a_zip64_size():
    extra = struct.pack("<HHQ", 1, 8, 2**62)
    info = entry("a")
    info.extra = extra
    liar = changed(zip_of({info: b"text"}), SIZE, "<L", 0xFFFFFFFF)

    assert "4,611,686,018,427,387,904 bytes when unpacked" in refusal(liar)


def test_refuses_a_zip64_entry_without_its_sizes():
    liar = changed(zip_of({"a": b"text"}), SIZE, "<L", 0xFFFFFFFF)

    assert "bytes when unpacked" in refusal(liar)


# --- Names -----------------------------------------------------------------------------


def test_refuses_unsafe_names(subtests):
    for name, problem in [
        ("../../etc/passwd", "an invalid path"),
        ("classes/../../A.cls", "an invalid path"),
        ("classes/..", "an invalid path"),
        ("../", "an invalid path"),
        ("__MACOSX/../A.cls", "an invalid path"),
        ("./A.cls", "an invalid path"),
        ("classes//A.cls", "an invalid path"),
        ("/etc/passwd", "an absolute path"),
        ("//host/share/A.cls", "an absolute path"),
        ("C:/Windows/A.cls", "an absolute path"),
        ("c:A.cls", "an absolute path"),
        ("..\\A.cls", "a backslash in its name"),
        ("classes\\A.cls", "a backslash in its name"),
        ("A\n.cls", "control characters in its name"),
        ("A\x1b[2J.cls", "control characters in its name"),
        ("A\x85.cls", "control characters in its name"),
    ]:
        with subtests.test(name=name):
            message = refusal(zip_of({name: b"", "good.txt": b""}))

            assert (
                message == f"The zip file can't be used: the file {name!r} has {problem}."
            )


def test_refuses_a_name_with_a_nul():
    hidden = renamed(zip_of({"A.cls#.txt": b""}), b"A.cls#.txt", b"A.cls\0.txt")

    assert r"'A.cls\x00.txt' has control characters" in refusal(hidden)


def test_refuses_an_empty_name():
    nameless = zip_of({"": b""})

    assert "the file '' has an invalid path" in refusal(nameless)


def test_refuses_a_duplicate_name():
    twice = renamed(zip_of({"a.txt": b"1", "b.txt": b"2"}), b"b.txt", b"a.txt")

    assert "the file 'a.txt' is included twice" in refusal(twice)


@pytest.mark.parametrize("other", ["classes/a.cls", "CLASSES/A.cls", "classes/A.CLS"])
def test_refuses_names_that_differ_only_in_case(other):
    message = refusal(zip_of({"classes/A.cls": b"", other: b""}))

    assert f"'{other}' has almost the same name as 'classes/A.cls'" in message


def test_refuses_names_that_differ_only_in_normalization():
    message = refusal(zip_of({"Caf\u00e9.cls": b"", "Cafe\u0301.cls": b""}))

    assert "has almost the same name as" in message


def test_shows_only_the_start_of_a_very_long_name():
    assert len(refusal(zip_of({"/" + "x" * 60_000: b""}))) < 400


def test_refuses_undecodable_names_in_a_folder(tmp_path):
    (tmp_path / os.fsdecode(b"A\xff.cls")).touch()

    assert "control characters in its name" in refusal(tmp_path)


# --- Entries ---------------------------------------------------------------------------


def test_refuses_encrypted_files(subtests):
    for flag in [0x1, 0x41, 0x2000]:
        with subtests.test(flag=flag):
            encrypted = changed(zip_of({"a": b"text"}), FLAGS, "<H", flag)

            assert "the file 'a' is encrypted" in refusal(encrypted)


def test_refuses_other_compression_methods(subtests):
    for method in [1, 6, 9, 12, 14, 93, 99]:
        with subtests.test(method=method):
            unusual = changed(zip_of({"a": b"text"}), METHOD, "<H", method)

            assert "the file 'a' uses an unsupported compression method" in refusal(unusual)


@pytest.mark.parametrize(
    "kind, problem",
    [
        (stat.S_IFLNK, "is a link"),
        (stat.S_IFIFO, "is not a regular file"),
        (stat.S_IFCHR, "is not a regular file"),
    ],
)
def test_refuses_links_and_devices(kind, problem):
    message = refusal(zip_of({entry("a", mode=kind | 0o777): b"/etc/passwd"}))

    assert message == f"The zip file can't be used: the file 'a' {problem}."


def test_reports_all_problems_together():
    message = refusal(
        zip_of({"../a": b"", "/b": b"", entry("c", mode=stat.S_IFLNK): b"", "d": b""})
    )

    assert len(message.splitlines()) == 3


def test_reports_at_most_100_problems():
    message = refusal(zip_of({f"/{number}": b"" for number in range(1_000)}))

    assert len(message.splitlines()) == 100


def test_a_damaged_file_leaves_the_others_readable():
    stored = zip_of({"a": b"good text", "b": b"fine"}, method=zipfile.ZIP_STORED)
    archive = open_archive(renamed(stored, b"good text", b"evil text"))

    assert "The file is damaged: Bad CRC-32" in read_refusal(archive, "a")
    assert archive.open("b").read() == b"fine"


def test_damaged_compressed_data_is_reported():
    broken = zip_of({"a": b"text" * 1_000})
    archive = open_archive(changed(broken, 31, "8s", b"\xff" * 8, marker=LOCAL_ENTRY))

    assert "The file is damaged: " in read_refusal(archive, "a")


def test_a_file_whose_two_names_differ_is_damaged():
    archive = open_archive(changed(zip_of({"a": b""}), 30, "1s", b"b", marker=LOCAL_ENTRY))

    assert "The file is damaged: File name in directory" in read_refusal(archive, "a")


def test_a_file_outside_of_the_zip_is_damaged():
    archive = open_archive(changed(zip_of({"a": b""}), 42, "<L", 1_000_000))

    assert "The file is damaged: " in read_refusal(archive, "a")


# --- Folders ---------------------------------------------------------------------------


def test_refuses_links_that_leave_the_folder(tmp_path):
    outside = tmp_path / "secret.txt"
    outside.touch()
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "A.cls").symlink_to(outside)
    (inside / "up").symlink_to("..")

    assert refusal(inside).splitlines() == [
        "The folder can't be used: the file 'A.cls' is a link that leaves the folder.",
        "The folder can't be used: the file 'up' is a link that leaves the folder.",
    ]


def test_follows_links_to_files_in_the_same_folder(tmp_path):
    (tmp_path / "A.cls").write_bytes(b"class A {}")
    (tmp_path / "B.cls").symlink_to("A.cls")

    assert open_archive(tmp_path).open("B.cls").read() == b"class A {}"


@pytest.mark.parametrize("target", [".", "missing", "link"])
def test_refuses_links_without_a_target_file(tmp_path, target):
    (tmp_path / "link").symlink_to(target)

    assert "the file 'link' is not a regular file" in refusal(tmp_path)


def test_refuses_pipes(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert "the file 'pipe' is not a regular file" in refusal(tmp_path)


def test_refuses_a_folder_of_more_than_600_mb(tmp_path):
    with (tmp_path / "sparse").open("wb") as stream:
        stream.truncate(MAX_UNPACKED_SIZE + 1)

    assert "600 MB" in refusal(tmp_path)


def test_a_file_that_changed_after_opening_is_damaged(tmp_path):
    path = tmp_path / "A.cls"
    path.write_bytes(b"class A {}")
    archive = open_archive(tmp_path)
    path.write_bytes(b"class A { }")

    assert "its size differs from the declared size" in read_refusal(archive, "A.cls")


def test_refuses_unsafe_names_of_single_files():
    assert "an invalid path" in refusal(io.BytesIO(b"x"), name="../A.cls")
    with pytest.raises(MetadataError, match="is included twice"):
        open_files([("A.cls", io.BytesIO(b"1")), ("A.cls", io.BytesIO(b"2"))])
