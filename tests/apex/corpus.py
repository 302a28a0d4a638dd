"""Measure the parser and checker on a folder of public classes and triggers.

    python -m tests.apex.corpus FOLDER
    python -m tests.apex.corpus FOLDER --check

Clone the repositories into FOLDER, one folder each. Scripts of anonymous Apex aren't
classes; leave them out. `--check` also checks the classes and prints each error. Classes of
the same repository know each other.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import django

from tokenx.apex.parser import Parser
from tokenx.apex.parser.declared import declared_name
from tokenx.apex.tree import CompilationUnit

# Run in another process. It prints the times to import, to load tables, and to parse.
COLD = """
import sys, time
times = [time.process_time()]
from tokenx.apex.parser import Parser
times.append(time.process_time())
parser = Parser(__import__("pathlib").Path(sys.argv[1]))
times.append(time.process_time())
parser.parse(sys.stdin.read())
times.append(time.process_time())
print(*(round((end - begin) * 1_000) for begin, end in zip(times, times[1:])))
"""
COLD_SIZE = 8_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    files = sorted([*chosen.folder.rglob("*.cls"), *chosen.folder.rglob("*.trigger")])
    bodies = {
        path: path.read_text(encoding="utf-8-sig", errors="replace") for path in files
    }
    measure_cold(min(bodies.values(), key=lambda body: abs(len(body) - COLD_SIZE)))
    units = parse_all(bodies)
    if chosen.check:
        check_all(chosen.folder, bodies, units)


def measure_cold(body: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Parser(Path(folder))
        command = [sys.executable, "-c", COLD, folder]
        rounds = [
            subprocess.run(command, input=body, capture_output=True, text=True, check=True)
            for _ in range(5)
        ]
    times = [[int(number) for number in each.stdout.split()] for each in rounds]
    imports, load, parse = min(times, key=sum)
    print(f"cold: {imports} ms to import, {load} ms to load the tables,", end=" ")
    print(f"{parse} ms to parse {len(body) / 1_000:.1f} kB (best of 5, CPU time)")


def parse_all(bodies: Mapping[Path, str]) -> dict[Path, CompilationUnit]:
    parser, units = Parser(None), {}
    begin = time.process_time()
    for path, body in bodies.items():
        parsed = parser.parse(body)
        if parsed.unit:
            units[path] = parsed.unit
        else:
            problem = parsed.problems[0]
            print(f"{path}:{problem.at.line}:{problem.at.column} {problem.message}")
    seconds = time.process_time() - begin
    size = sum(map(len, bodies.values())) / 1_000
    print(f"{len(units):,} of {len(bodies):,} files parse", end=" ")
    print(f"({len(units) / len(bodies):.2%}); {size / seconds:,.0f} kB/s of {size:,.0f} kB")
    return units


def check_all(
    folder: Path, bodies: Mapping[Path, str], units: Mapping[Path, CompilationUnit]
) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from .compiling import compile_code

    orgs: dict[str, dict[str, CompilationUnit]] = {}
    for path, unit in units.items():
        org = orgs.setdefault(path.relative_to(folder).parts[0], {})
        org[declared_name(bodies[path]).lower()] = unit
    found: Counter[str] = Counter()
    begin = time.process_time()
    for path in units:
        org = orgs[path.relative_to(folder).parts[0]]
        for problem in compile_code(bodies[path], org).problems:
            found[problem.severity] += 1
            if problem.severity == "error":
                print(f"{path}:{problem.at.line}:{problem.at.column} {problem.message}")
    seconds = time.process_time() - begin
    print(f"checked in {seconds:.0f} s of CPU time: {dict(found)}")


if __name__ == "__main__":
    main()
