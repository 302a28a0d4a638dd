"""Files that somebody uploads as snapshots: taken whole, or refused with the place."""

import json
import zipfile
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import EnablementFactory, UserFactory
from tests.handlers.addresses import everything
from tests.training.snapshot_zips import files_of, packed
from tokenx.org.models import User
from tokenx.training import snapshot_files
from tokenx.training.snapshot_document import read_document
from tokenx.training.snapshots import apply_snapshot, save_snapshot, upload_snapshot


@pytest.fixture
def files(org, admin, handler):
    EnablementFactory(handler=handler, is_default=True, app__label="Billing")
    UserFactory(org=org, username="zed@mycompany.example")
    return files_of(save_snapshot(org=org, name="First", by=admin))


def refused(data, admin) -> str:
    """Why it is refused; nothing changed by it."""
    before = everything()
    with pytest.raises(ValidationError) as error:
        upload_snapshot(org=admin.org, name="Sent", stream=BytesIO(data), by=admin)
    with pytest.raises(ValidationError):
        apply_snapshot(data=data, by=admin)
    assert everything() == before
    return "\n".join(error.value.messages)


def with_document(files, change) -> bytes:
    document = json.loads(files["org.json"])
    change(document)
    return packed(files | {"org.json": json.dumps(document)})


# --- The zip ----------------------------------------------------------------------------


def test_what_was_saved_is_taken(files, admin):
    upload_snapshot(org=admin.org, name="Sent", stream=BytesIO(packed(files)), by=admin)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_zip_of_a_snapshot_is_refused(files, admin, data):
    assert refused(data, admin)


def test_a_damaged_zip_is_refused(files, admin):
    data = packed(files)
    place = len(data) // 3

    assert refused(data[:place] + b"garbage" + data[place + 7 :], admin)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../evil.cls", "not a plain path"),
        ("package/../../evil", "not a plain path"),
        ("/etc/passwd", "absolute name"),
        ("C:/evil", "absolute name"),
        ("package\\evil", "backslash"),
        ("other.txt", "has no file other.txt"),
        ("elsewhere/package.xml", "has no file elsewhere/package.xml"),
        ("package/destructiveChanges.xml", "deletes nothing"),
        ("ORG.JSON", "spelled almost like"),
    ],
)
def test_other_files_are_refused(files, admin, name, words):
    deletion = (
        b'<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types>'
        b"<members>Billing</members><name>ConnectedApp</name></types>"
        b"<version>67.0</version></Package>"
    )

    assert words in refused(packed(files | {name: deletion}), admin)


def test_a_link_is_refused(files, admin):
    target = BytesIO(packed(files))
    with zipfile.ZipFile(target, "a") as made:
        link = zipfile.ZipInfo("package/link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        made.writestr(link, "/etc/passwd")

    assert "is a link" in refused(target.getvalue(), admin)


def test_a_name_that_is_there_twice_is_refused(files, admin):
    target = BytesIO(packed(files))
    with zipfile.ZipFile(target, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("org.json", b"{}")

    assert "is there twice" in refused(target.getvalue(), admin)


def test_an_encrypted_file_is_refused(files, admin):
    data = bytearray(packed(files))
    # The flag that says so, in the directory.
    data[data.index(b"PK\x01\x02") + 8] |= 1

    assert "is encrypted" in refused(bytes(data), admin)


def test_a_bomb_is_refused_unread(files, admin):
    bomb = packed(files | {"org.json": b" " * (65 * 1024 * 1024)})

    assert "org.json is too large" in refused(bomb, admin)


def test_a_file_that_is_too_large_is_refused(files, admin, monkeypatch):
    monkeypatch.setattr(snapshot_files, "MAX_SIZE", 100)

    assert "too large" in refused(packed(files), admin)


@pytest.mark.parametrize("missing", ["org.json", "package/package.xml"])
def test_a_file_that_is_missing_is_named(files, admin, missing):
    del files[missing]

    assert missing.rpartition("/")[2] in refused(packed(files), admin)


def test_a_file_of_the_package_that_is_wrong_is_told_with_its_line(files, admin):
    [name] = [name for name in files if name.endswith(".oauthtokenexchangehandler")]
    broken = files[name].replace(b"<isEnabled>true", b"<isEnabled>maybe")

    assert f"{name}: " in (said := refused(packed(files | {name: broken}), admin))
    assert ":5)" in said


# --- org.json ---------------------------------------------------------------------------

WRONG = [
    ("users[0].username", lambda d: d["users"][0].update(username="no address")),
    ("users[0].username", lambda d: d["users"][0].update(username="Big@mycompany.example")),
    ("users[0].email", lambda d: d["users"][0].update(email="javascript:alert(1)")),
    ("users[1].profile", lambda d: d["users"][1].update(profile="root")),
    ("users[1].profile", lambda d: d["users"][1].update(profile=["admin"])),
    ("users[0].is_active", lambda d: d["users"][0].update(is_active=1)),
    ("users[0].last_name", lambda d: d["users"][0].update(last_name="")),
    ("users[0].last_name", lambda d: d["users"][0].update(last_name="x" * 81)),
    ("users[0].first_name", lambda d: d["users"][0].update(first_name="a\0b")),
    ("users[0].first_name", lambda d: d["users"][0].update(first_name="\ud800")),
    ("users[0].can_sign_in", lambda d: d["users"][0].update(can_sign_in=True)),
    ("users[0].password", lambda d: d["users"][0].update(password="x")),
    ("users[0].email is missing", lambda d: d["users"][0].pop("email")),
    ("users is not a list", lambda d: d.update(users={})),
    ("users[3] is not an object", lambda d: d["users"].append(3)),
    ("is the same as users[0]", lambda d: d["users"].append(d["users"][0])),
    ("owner", lambda d: d.update(owner="nobody@mycompany.example")),
    ("org.name", lambda d: d["org"].update(name="")),
    ("org.id is not known", lambda d: d["org"].update(id=1)),
    ("of another version of tokenx", lambda d: d.update(format=2)),
    ("format", lambda d: d.update(format=True)),
    ("apps[0].modified_at", lambda d: d["apps"][0].update(modified_at="2026-01-01T00:00")),
    ("apps[0].modified_at", lambda d: d["apps"][0].update(modified_at=1)),
    ("apps[0].kind", lambda d: d["apps"][0].update(kind="other")),
    ("apps: there is no file of Gone", lambda d: d["apps"][0].update(api_name="Gone")),
    (
        "handlers[0].created_at",
        lambda d: d["handlers"][0].update(created_at="0001-01-01T00:00:00+14:00"),
    ),
    (
        "handlers[0].modified_by",
        lambda d: d["handlers"][0].update(modified_by="nobody@mycompany.example"),
    ),
    ("org.json has no entry", lambda d: d["handlers"].clear()),
    ("org.json has no entry", lambda d: d["classes"].clear()),
    ("org.json has no entry", lambda d: d["handlers"][0]["enabled"].clear()),
    (
        "is the same as handlers[0].enabled[0]",
        lambda d: d["handlers"][0]["enabled"].append(d["handlers"][0]["enabled"][0]),
    ),
    (
        "is in org.json only",
        lambda d: d["handlers"][0]["enabled"].append(
            {**d["handlers"][0]["enabled"][0], "api_name": "Gone"}
        ),
    ),
]


@pytest.mark.parametrize(("words", "change"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_told_at_its_place(files, admin, words, change):
    assert words in refused(with_document(files, change), admin)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"format": NaN}',
        b'{"format": 1, "format": 1}',
        b"[" * 200_000,
        b'{"format": ' + b"9" * 10_000 + b"}",
    ],
)
def test_text_that_is_no_document_is_refused(files, admin, text):
    assert "org.json" in refused(packed(files | {"org.json": text}), admin)


def test_no_more_than_a_hundred_problems_are_told(files, admin):
    said = refused(with_document(files, lambda d: d.update(users=[1] * 5_000)), admin)

    assert len(said.splitlines()) == 100


def test_a_run_as_user_that_is_not_there_is_told_with_the_file(files, admin):
    def without_integration_users(document):
        people = [each for each in document["users"] if not each["is_integration_user"]]
        document["users"] = people

    said = refused(with_document(files, without_integration_users), admin)

    assert "is not in the snapshot" in said


def test_a_profile_gives_nobody_a_way_to_sign_in(files, admin):
    def promote(document):
        for person in document["users"]:
            person["profile"] = "admin"

    apply_snapshot(data=with_document(files, promote), by=admin)

    others = User.objects.filter(org=admin.org).exclude(pk=admin.pk)
    assert others.exists()
    assert not others.filter(can_sign_in=True).exists()
    assert not others.exclude(password="!").exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_refused_in_words(value):
    with pytest.raises(ValidationError) as error:
        read_document(json.dumps(value).encode())
    assert all(message.startswith("org.json") for message in error.value.messages)
    assert all(message.encode() for message in error.value.messages)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_change_of_a_value_is_taken_or_refused(files, admin, data):
    """Whatever stands where a value stood: no other error, and no half of it."""
    document = json.loads(files["org.json"])
    inside, steps = document, data.draw(st.integers(1, 4))
    for step in range(steps):
        keys = range(len(inside)) if isinstance(inside, list) else sorted(inside)
        if not keys:
            return
        key = data.draw(st.sampled_from(list(keys)))
        if step == steps - 1 or not isinstance(inside[key], (dict, list)):
            break
        inside = inside[key]
    inside[key] = data.draw(JSON)
    before = everything()

    try:
        apply_snapshot(data=packed(files | {"org.json": json.dumps(document)}), by=admin)
    except ValidationError:
        assert everything() == before
