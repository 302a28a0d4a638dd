"""Sources: uploads of any kind, reading them again, and their retention."""

import random
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.factories import UserFactory
from tests.metadata.package.zips import zip_of
from tokenx.metadata.deploy.actions import Options, queue_deployment, remove_old
from tokenx.metadata.deploy.uploads import (
    open_source,
    read_source,
    receive_path,
    receive_text,
    receive_uploads,
)
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.limits import MAX_ZIP_SIZE
from tokenx.metadata.models import ComponentMessage, Deployment, Source, SourceChunk, Status

from .deploying import apex_class, deploy, files_of, handler, ready_for_handlers, receive

FILES = files_of(handler("Mine"), ("ShopTokens", apex_class()))


def names_in(source):
    with open_source(source) as archive:
        return list(archive)


def names_read(source):
    return [component.full_name for component in read_source(source).components]


def uploads(files):
    return [
        SimpleUploadedFile(name.rpartition("/")[2], data) for name, data in files.items()
    ]


# --- Received sources ------------------------------------------------------------------


def test_a_zip_is_stored_unchanged(admin):
    data = zip_of({"a.txt": random.Random(1).randbytes(600_000)}).getvalue()

    source = receive(admin, data, "package.zip")

    assert b"".join(source.pieces()) == data
    assert (source.name, source.size) == ("package.zip", len(data))
    assert SourceChunk.objects.count() == 3
    assert str(source) == "package.zip"


def test_several_files_are_one_package(admin):
    source = receive_uploads(uploads=uploads(FILES), by=admin)

    assert source.name == "3 files.zip"
    assert names_read(source) == ["ShopTokens", "Mine"]


def test_one_file_is_stored_unchanged(admin):
    [upload] = uploads(files_of(handler("Mine")))

    source = receive_uploads(uploads=[upload], by=admin)

    assert source.name == "Mine.oauthtokenexchangehandler"
    assert names_read(source) == ["Mine"]


def test_one_uploaded_zip_is_stored_unchanged(admin):
    upload = SimpleUploadedFile("mine.zip", zip_of(FILES).getvalue())

    assert names_in(receive_uploads(uploads=[upload], by=admin)) == sorted(FILES)


def test_refuses_a_zip_among_other_files(admin):
    files = [*uploads(FILES), SimpleUploadedFile("More.ZIP", b"")]

    with pytest.raises(ValidationError, match="Upload it without other files"):
        receive_uploads(uploads=files, by=admin)


def test_refuses_two_files_with_the_same_name(admin):
    [upload] = uploads(files_of(handler("Mine")))

    with pytest.raises(ValidationError, match="is included twice"):
        receive_uploads(uploads=[upload, upload], by=admin)


def test_refuses_files_of_unknown_types(admin):
    files = uploads({"a.txt": b"a", "b.txt": b"b"})

    with pytest.raises(
        ValidationError, match="No metadata files of a supported type: 2 files"
    ):
        receive_uploads(uploads=files, by=admin)


def test_pasted_text_gets_its_name_from_its_content(admin, subtests):
    for name in ["Mine", "Other_2"]:
        with subtests.test(name=name):
            [data] = files_of(handler(name)).values()

            source = receive_text(text=f"\n  {data.decode()}\n", by=admin)

            assert source.name == f"{name}.oauthtokenexchangehandler"
            assert names_read(source) == [name]


def test_pasted_text_without_a_name_is_accepted(admin):
    source = receive_text(text="<OauthTokenExchangeHandler>", by=admin)

    [component] = read_source(source).components
    assert source.name == "Pasted.oauthtokenexchangehandler"
    assert component.problems


def test_refuses_empty_pasted_text(admin):
    for text in ("", " \n "):
        with pytest.raises(ValidationError, match="is empty"):
            receive_text(text=text, by=admin)
        assert not Source.objects.exists()


def test_a_folder_is_stored_without_files_that_cannot_be_deployed(admin, tmp_path):
    for name, data in {**FILES, "README.md": b"", "package.xml": b"<a/>"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)

    source = receive_path(path=tmp_path, by=admin)

    assert names_in(source) == sorted([*FILES, "package.xml"])
    assert source.name == f"{tmp_path.name}.zip"


def test_a_single_file_can_be_given_by_its_path(admin, tmp_path):
    path = tmp_path / "Mine.oauthtokenexchangehandler"
    path.write_bytes(b"<a/>")

    assert receive_path(path=path, by=admin).name == path.name


def test_refuses_a_path_that_does_not_exist(admin, tmp_path):
    with pytest.raises(OSError, match="gone"):
        receive_path(path=tmp_path / "gone", by=admin)


def test_refuses_a_source_that_is_too_large_and_does_not_store_it(admin):
    with pytest.raises(ValidationError, match="The limit is 40,894,464 bytes"):
        receive(admin, bytes(MAX_ZIP_SIZE + 1))
    assert not Source.objects.exists()


def test_an_invalid_archive_is_refused_when_it_is_opened(admin):
    source = receive(admin, b"anything", "package.zip")

    with pytest.raises(MetadataError, match="not a zip file"):
        read_source(source)


@pytest.fixture
def done(admin):
    """Create three finished deployments."""
    ready_for_handlers(admin.org)
    return [deploy(admin, [handler(name)]) for name in ("Mine", "Yours", "Theirs")]


# --- Retention -------------------------------------------------------------------------


def test_deployments_are_kept_for_thirty_days(admin, done):
    month = timezone.now() - timedelta(days=30)
    Source.objects.update(created_at=month)
    old, young, unfinished = done
    Deployment.objects.filter(pk=old.pk).update(created_at=month)
    later = month + timedelta(minutes=1)
    Deployment.objects.filter(pk=young.pk).update(created_at=later)
    Deployment.objects.filter(pk=unfinished.pk).update(created_at=month, status="Pending")

    assert list(Deployment.objects.kept(admin.org)) == [young]
    again = queue_deployment(source=young.source, options=Options(), by=admin)

    assert set(Deployment.objects.all()) == {young, unfinished, again}
    assert set(Source.objects.all()) == {young.source, unfinished.source}
    expected = {young.pk, unfinished.pk}
    assert set(ComponentMessage.objects.values_list("deployment", flat=True)) == expected
    used = {young.source_id, unfinished.source_id}
    assert set(SourceChunk.objects.values_list("source", flat=True)) == used


def test_unused_sources_are_deleted_after_a_day(admin, done):
    receive(admin, FILES)
    old = timezone.now() - timedelta(days=1)
    Source.objects.update(created_at=old)
    fresh = receive(admin, FILES)

    remove_old(admin.org_id)

    assert set(Source.objects.all()) == {fresh, *(each.source for each in done)}


def test_another_orgs_sources_are_kept(admin, done):
    old = timezone.now() - timedelta(days=40)
    Deployment.objects.update(created_at=old, status=Status.SUCCEEDED)
    Source.objects.update(created_at=old)

    remove_old(UserFactory().org_id)

    assert Deployment.objects.count() == Source.objects.count() == 3
