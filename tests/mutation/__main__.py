"""Run the mutation sample: see README.md in this folder."""

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

from .mutants import ROOT, Mutant, draw

OUT_OF_TIME = "survived (time ran out)"
# Outcomes by pytest's exit status. Status 2 is a collection error.
OUTCOMES = {0: "survived", 1: "killed", 2: "killed"}
OUTCOMES |= {-signal.SIGKILL: OUT_OF_TIME, -signal.SIGXCPU: OUT_OF_TIME}
NOT_COPIED = shutil.ignore_patterns(".git", ".data", ".venv", "node_modules", "*_cache")


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("step", choices=["contexts", "run", "report"])
    parser.add_argument("--folder", type=Path, default=ROOT / ".data" / "mutation")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=60, help="limit for each mutant")
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.step == "contexts":
        record_contexts(options.folder)
    elif options.step == "run":
        run(options.folder, draw(options.count, options.seed), options.seconds)
    else:
        report(options.folder)


def record_contexts(folder: Path) -> None:
    """Run all tests except browser tests, and record which test executes which line."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not browser", "--cov=tokenx"]
    command += ["--cov-branch", "--cov-context=test", "--cov-report="]
    environment = os.environ | {"COVERAGE_FILE": str(folder / "coverage")}
    subprocess.run(command, cwd=ROOT, env=environment, check=False)


def run(folder: Path, mutants: list[Mutant], seconds: int) -> None:
    """Test each mutant that has no result yet."""
    results = folder / "results.jsonl"
    done = {result["name"] for result in _results(folder)}
    # A mutant's tests run on a copy, so an interrupted run leaves nothing behind.
    copy = folder / "tree"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    tests = _tests_by_line(folder, mutants)
    for number, mutant in enumerate(mutants, start=1):
        if mutant.name in done:
            continue
        outcome = _outcome(copy, mutant, tests[mutant.name], seconds)
        print(f"{number}/{len(mutants)} {outcome}: {mutant.name}", flush=True)
        with results.open("a") as file:
            file.write(json.dumps({"name": mutant.name, "outcome": outcome}) + "\n")


def _tests_by_line(folder: Path, mutants: list[Mutant]) -> dict[str, list[str]]:
    """Return the tests that execute each mutant's line, most specific first."""
    from coverage import CoverageData

    data = CoverageData(basename=str(folder / "coverage"))
    data.read()
    files = {Path(name).as_posix(): name for name in data.measured_files()}
    contexts = {
        mutant.path: data.contexts_by_lineno(name)
        for mutant in mutants
        for posix, name in files.items()
        if posix.endswith(f"/{mutant.path}")
    }
    breadth = Counter(
        test for lines in contexts.values() for tests in lines.values() for test in tests
    )

    def executing(mutant: Mutant) -> list[str]:
        lines = contexts.get(mutant.path, {})
        tests = {
            test.partition("|")[0]
            for line in range(mutant.line, mutant.end_line + 1)
            for test in lines.get(line, [])
        }
        return sorted(tests - {""}, key=lambda test: (breadth[f"{test}|run"], test))

    return {mutant.name: executing(mutant) for mutant in mutants}


def _outcome(copy: Path, mutant: Mutant, tests: list[str], seconds: int) -> str:
    if not tests:
        return "not executed"
    path, arguments = copy / mutant.path, copy.parent / "tests.txt"
    source = path.read_bytes()
    arguments.write_text("".join(f"{test}\n" for test in tests))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-m", ""]
    command += ["-p", "no:cacheprovider", f"@{arguments}"]
    # CPU time doesn't depend on the machine's other work. A test that only waits is
    # stopped by the clock.
    limit = partial(resource.setrlimit, resource.RLIMIT_CPU, (seconds, seconds))
    try:
        _write(path, mutant.applied_to(source))
        finished = subprocess.run(
            command, cwd=copy, timeout=seconds * 10, capture_output=True, preexec_fn=limit
        )
    except subprocess.TimeoutExpired:
        return OUT_OF_TIME
    finally:
        _write(path, source)
    return OUTCOMES.get(finished.returncode, "failed to run")


def _write(path: Path, source: bytes) -> None:
    """Write a module and delete its bytecode, which can look current within one second."""
    path.write_bytes(source)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def _results(folder: Path) -> list[dict[str, str]]:
    file = folder / "results.jsonl"
    return (
        [json.loads(line) for line in file.read_text().splitlines()]
        if file.exists()
        else []
    )


def report(folder: Path) -> None:
    outcomes = Counter(result["outcome"] for result in _results(folder))
    total = sum(outcomes.values())
    for outcome, count in outcomes.most_common():
        print(f"{outcome}: {count}")
    print(
        f"killed: {outcomes['killed'] / total:.1%} of {total}" if total else "No results."
    )


if __name__ == "__main__":
    main()
