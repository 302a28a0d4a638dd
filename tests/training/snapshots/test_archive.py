"""Uploaded snapshot files: accepted whole, or refused with the location."""

import json
import zipfile
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.addresses import everything
from tests.factories import EnablementFactory, UserFactory
from tests.rollback import rolled_back
from tokenx.org.models import User
from tokenx.training.snapshots import archive as snapshot_files
from tokenx.training.snapshots import document as org_json
from tokenx.training.snapshots.actions import apply_snapshot, save_snapshot, upload_snapshot
from tokenx.training.snapshots.document import read_document

from .zips import files_of, packed


@pytest.fixture
def files(org, admin, handler):
    EnablementFactory(handler=handler, is_default=True, app__label="Billing")
    UserFactory(org=org, username="zed@mycompany.example")
    return files_of(save_snapshot(org=org, name="First", by=admin))


def refused(data, admin) -> str:
    """Return the reason for the refusal, which changed nothing."""
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


def test_accepts_a_saved_snapshot(files, admin):
    upload_snapshot(org=admin.org, name="Sent", stream=BytesIO(packed(files)), by=admin)


def test_refuses_files_that_are_not_snapshots(files, admin, subtests):
    for data in [b"", b"hello", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18]:
        with subtests.test(data=data):
            assert refused(data, admin)


def test_refuses_a_damaged_zip(files, admin):
    data = packed(files)
    with zipfile.ZipFile(BytesIO(data)) as opened:
        # Damage the contents of a file: zipfile doesn't read all of its header.
        index = opened.getinfo("org.json").header_offset + 100

    assert refused(data[:index] + b"garbage" + data[index + 7 :], admin)


def test_refuses_other_files(files, admin, subtests):
    deletion = (
        b'<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types>'
        b"<members>Billing</members><name>ConnectedApp</name></types>"
        b"<version>67.0</version></Package>"
    )

    for name, message in [
        ("../evil.cls", "an invalid path"),
        ("package/../../evil", "an invalid path"),
        ("/etc/passwd", "absolute path"),
        ("C:/evil", "absolute path"),
        ("package\\evil", "backslash"),
        ("other.txt", "can't contain the file other.txt"),
        ("elsewhere/package.xml", "can't contain the file elsewhere/package.xml"),
        ("package/destructiveChanges.xml", "can't delete components"),
        ("ORG.JSON", "almost the same name as"),
    ]:
        with subtests.test(name=name):
            assert message in refused(packed(files | {name: deletion}), admin)


def test_refuses_a_link(files, admin):
    target = BytesIO(packed(files))
    with zipfile.ZipFile(target, "a") as archive:
        link = zipfile.ZipInfo("package/link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")

    assert "is a link" in refused(target.getvalue(), admin)


def test_refuses_a_repeated_name(files, admin):
    target = BytesIO(packed(files))
    with (
        zipfile.ZipFile(target, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        archive.writestr("org.json", b"{}")

    assert "is included twice" in refused(target.getvalue(), admin)


def test_refuses_an_encrypted_file(files, admin):
    data = bytearray(packed(files))
    # The flag that says so, in the directory.
    data[data.index(b"PK\x01\x02") + 8] |= 1

    assert "is encrypted" in refused(bytes(data), admin)


@pytest.mark.slow
@pytest.mark.sqlite
def test_refuses_a_zip_bomb_unread(files, admin):
    bomb = packed(files | {"org.json": b" " * (65 * 1024 * 1024)})

    assert "org.json is too large" in refused(bomb, admin)


def test_refuses_a_document_that_is_too_large(files, admin, monkeypatch):
    monkeypatch.setattr(org_json, "MAX_SIZE", 1_000)

    assert "org.json is too large" in refused(
        packed(files | {"org.json": b" " * 1_001}), admin
    )


def test_refuses_a_file_that_is_too_large(files, admin, monkeypatch):
    monkeypatch.setattr(snapshot_files, "MAX_SIZE", 100)

    assert "too large" in refused(packed(files), admin)


def test_names_a_missing_file(files, admin, subtests):
    for missing in ["org.json", "package/package.xml"]:
        with subtests.test(missing=missing):
            others = {name: data for name, data in files.items() if name != missing}

            assert missing.rpartition("/")[2] in refused(packed(others), admin)


def test_an_invalid_metadata_file_is_reported_with_its_line(files, admin):
    [name] = [name for name in files if name.endswith(".oauthtokenexchangehandler")]
    broken = files[name].replace(b"<isEnabled>true", b"<isEnabled>maybe")

    reason = refused(packed(files | {name: broken}), admin)

    assert f"{name}: " in reason
    assert ":5)" in reason


# --- org.json ---------------------------------------------------------------------------


def many_keys():
    return {f"key{number}": 1 for number in range(200)}


INVALID = [
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
    ("users[0] has too many keys", lambda d: d["users"][0].update(many_keys())),
    ("users[0].email is missing", lambda d: d["users"][0].pop("email")),
    ("users must be a list", lambda d: d.update(users={})),
    ("users has more than 100,000", lambda d: d.update(users=[1] * 100_001)),
    ("users[3] must be an object", lambda d: d["users"].append(3)),
    ("is the same as users[0]", lambda d: d["users"].append(d["users"][0])),
    ("owner", lambda d: d.update(owner="nobody@mycompany.example")),
    ("org.name", lambda d: d["org"].update(name="")),
    ("org.id isn't a known key", lambda d: d["org"].update(id=1)),
    ("is from another version of tokenx", lambda d: d.update(format=2)),
    ("format", lambda d: d.update(format=True)),
    ("apps[0].modified_at", lambda d: d["apps"][0].update(modified_at="2026-01-01T00:00")),
    ("apps[0].modified_at", lambda d: d["apps"][0].update(modified_at=1)),
    ("apps[0].kind", lambda d: d["apps"][0].update(kind="other")),
    ("apps: Gone has no file", lambda d: d["apps"][0].update(api_name="Gone")),
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
        "is only in org.json",
        lambda d: d["handlers"][0]["enabled"].append(
            {**d["handlers"][0]["enabled"][0], "api_name": "Gone"}
        ),
    ),
]


def test_problems_are_reported_with_their_location(files, admin, subtests):
    for message, change in INVALID:
        with subtests.test(message=message):
            assert message in refused(with_document(files, change), admin)


def test_refuses_text_that_is_not_a_document(files, admin, subtests):
    for text in [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"format": NaN}',
        b'{"format": 1, "format": 1}',
        b"[" * 200_000,
        b'{"format": ' + b"9" * 10_000 + b"}",
    ]:
        with subtests.test(text=text[:30]):
            assert "org.json" in refused(packed(files | {"org.json": text}), admin)


def test_reports_at_most_100_problems(files, admin):
    reason = refused(with_document(files, lambda d: d.update(users=[1] * 5_000)), admin)

    assert len(reason.splitlines()) == 100


def test_a_missing_run_as_user_is_reported(files, admin):
    def without_integration_users(document):
        people = [user for user in document["users"] if not user["is_integration_user"]]
        document["users"] = people

    reason = refused(with_document(files, without_integration_users), admin)

    assert "isn't in the snapshot" in reason


def test_a_profile_does_not_let_anyone_sign_in(files, admin):
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


@pytest.mark.slow
@given(JSON)
def test_any_json_is_refused(value):
    with pytest.raises(ValidationError) as error:
        read_document(json.dumps(value).encode())
    assert all(message.startswith("org.json") for message in error.value.messages)
    assert all(message.encode() for message in error.value.messages)


@pytest.mark.slow
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_changed_value_is_accepted_or_refused(files, admin, data):
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

    apply_or_refuse(files, document, admin)


def test_a_changed_part_is_accepted_or_refused(files, admin, subtests):
    document = json.loads(files["org.json"])
    for key in document:
        for value in [None, 0.5, [{"\ud800": 1}]]:
            with subtests.test(key=key, value=value), rolled_back():
                apply_or_refuse(files, document | {key: value}, admin)


def apply_or_refuse(files, document, admin):
    """Apply a document. A refusal is a ValidationError and changes nothing."""
    before, messages = everything(), []
    try:
        apply_snapshot(data=packed(files | {"org.json": json.dumps(document)}), by=admin)
    except ValidationError as error:
        messages = error.messages
    if messages:
        assert everything() == before
        assert all(message.encode() for message in messages)
