"""Benchmarks: `python -m tests.benchmarks`, with a command from README.md."""

import argparse
import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenx.settings")
if "TOKENX_DATA_DIR" not in os.environ:
    os.environ["TOKENX_DATA_DIR"] = str(Path(__file__).parents[2] / ".data" / "benchmarks")

import django

django.setup()

from . import (
    apex,
    apex_runs,
    data,
    deploys,
    hostile,
    metadata,
    practice,
    ratios,
    snapshots,
    writers,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)

    build = commands.add_parser("build", help="build the three orgs")
    build.add_argument("--users", type=int, default=1_000_000)
    build.add_argument("--enabled", type=int, default=1_000_000)
    build.set_defaults(run=lambda options: data.build(options.users, options.enabled))

    run = commands.add_parser("run", help="print the ratios and their bars")
    run.add_argument("--rounds", type=int, default=15)
    run.add_argument("--only", default="", help="part of a line's name")
    run.set_defaults(run=lambda options: ratios.run(options.rounds, options.only))

    write = commands.add_parser(
        "writers", help="1 and 64 concurrent clients that enable apps"
    )
    write.add_argument("--posts", type=int, default=600)
    write.set_defaults(run=lambda options: writers.run(options.posts))

    files = commands.add_parser("metadata", help="reading and writing metadata files")
    files.add_argument("--rounds", type=int, default=7)
    files.set_defaults(run=lambda options: metadata.run(options.rounds))

    states = commands.add_parser("snapshots", help="saving and restoring an org")
    states.add_argument("--rounds", type=int, default=7)
    states.set_defaults(run=lambda options: snapshots.run(options.rounds))

    deploy = commands.add_parser("deploys", help="deploying and exporting handlers")
    deploy.add_argument("--rounds", type=int, default=11)
    deploy.set_defaults(run=lambda options: deploys.run(options.rounds))

    orgs = commands.add_parser("practice", help="starting and resetting practice orgs")
    orgs.add_argument("--rounds", type=int, default=15)
    orgs.add_argument("--others", type=int, default=2_000)
    orgs.set_defaults(run=lambda options: practice.run(options.rounds, options.others))

    code = commands.add_parser("apex", help="parsing and checking Apex classes")
    code.add_argument("--rounds", type=int, default=11)
    code.set_defaults(run=lambda options: apex.run(options.rounds))

    runs = commands.add_parser("apex_runs", help="running handler classes on tokens")
    runs.add_argument("--rounds", type=int, default=20)
    runs.add_argument("--profile", default="", help="the name of a class to profile")
    runs.set_defaults(run=lambda options: apex_runs.run(options.rounds, options.profile))

    attacks = commands.add_parser("hostile", help="hostile Apex: time and memory")
    attacks.add_argument("--only", default="", help="part of a sample's name")
    attacks.set_defaults(run=lambda options: hostile.run(options.only))

    options = parser.parse_args()
    options.run(options)


main()
