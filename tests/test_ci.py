"""A missing tool fails `.ci/run` where CI is set; elsewhere, its step is skipped."""

import os
import shutil
import subprocess

from tests.paths import ROOT


def run(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f". .ci/tools; {script}"],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
    )


def test_a_missing_tool_fails_in_ci():
    assert run("skip 'Chromium is missing.'", CI="true").returncode == 1
    assert run("run_or_skip bash -c 'exit 77'", CI="true").returncode == 77


def test_outside_ci_a_missing_tool_skips_its_step_with_a_message():
    skipped = run("skip 'Chromium is missing.'; echo The next step runs.")

    assert skipped.returncode == 0
    assert skipped.stdout == "Chromium is missing.\nThe next step runs.\n"
    assert run("run_or_skip bash -c 'exit 77'").returncode == 0


def test_the_container_check_is_skipped_where_the_machine_forbids_it():
    assert run("may_skip bash -c 'exit 77'", CI="true").returncode == 0


def test_a_failed_check_fails_everywhere():
    assert run("run_or_skip false").returncode == 1
    assert run("may_skip false").returncode == 1


def test_the_client_checks_say_which_tool_is_missing(tmp_path):
    # A PATH with only the commands that the script needs before it checks its tools.
    (tmp_path / "dirname").symlink_to(shutil.which("dirname"))

    checks = run(f"PATH={tmp_path} run_or_skip $BASH tests/clients/run", CI="true")

    assert checks.returncode == 77
    assert "skipped because node isn't installed" in checks.stdout
