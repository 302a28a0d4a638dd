"""The settings of a server that starts for the first time."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_other_users_of_the_machine_cannot_read_the_data(tmp_path):
    data = tmp_path / "new" / "data"
    unnamed = {k: v for k, v in os.environ.items() if not k.startswith("TOKENX_")}

    subprocess.run(
        [sys.executable, "-c", "import tokenx.settings"],
        cwd=ROOT,
        env={**unnamed, "TOKENX_DATA_DIR": str(data)},
        check=True,
    )

    assert data.stat().st_mode & 0o077 == 0
    assert (data / "secret.key").stat().st_mode & 0o077 == 0
