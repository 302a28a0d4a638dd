"""The container's files: what they promise without a container engine.

tests/container/check.py runs the Dockerfile's steps and the entry point.
"""

import re

import pytest

from tests.container.dockerfile import read_dockerfile
from tests.paths import ROOT


@pytest.fixture(scope="module")
def image():
    return read_dockerfile(ROOT / "Dockerfile")


def test_the_image_is_debians_and_not_root(image):
    assert image.others["FROM"] == "debian:stable-slim"
    assert image.others["USER"] == "10001:10001"
    assert image.others["VOLUME"] == image.env["TOKENX_DATA_DIR"] == "/data"
    assert image.others["EXPOSE"] == image.env["TOKENX_PORT"]


def test_the_entry_point_and_the_health_check_are_our_commands(image):
    assert image.words("ENTRYPOINT") == ["tokenx"]
    assert image.words("CMD") == ["serve"]
    assert image.words("HEALTHCHECK") == ["tokenx", "ready"]


def test_the_build_context_has_what_the_dockerfile_copies(image):
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}

    copied = {
        source for name, words in image.steps if name == "COPY" for source in words[:-1]
    }

    assert kept == copied
    assert all((ROOT / source).exists() for source in copied)


def test_the_guide_lists_the_settings_of_the_image(image):
    guide = (ROOT / "docs" / "container.md").read_text()

    listed = dict(re.findall(r"^\| `(TOKENX_\w+)` \| `(.+)` \|$", guide, re.MULTILINE))

    assert listed == {k: v for k, v in image.env.items() if k.startswith("TOKENX_")}


def test_an_instruction_that_the_check_cannot_run_is_refused(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM debian:stable-slim\nADD x /x\n")

    with pytest.raises(ValueError, match="ADD x /x"):
        read_dockerfile(tmp_path / "Dockerfile")
