"""`manage.py diff`: show what deploying metadata files would change in an org."""

from collections import Counter
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from django.core.management.base import CommandParser

from tokenx.metadata.deploy.engine import read_all
from tokenx.metadata.deploy.placeholders import Missing, missing_from
from tokenx.metadata.deploy.preview import (
    CHANGE,
    CREATE,
    DELETE,
    INVALID,
    SAME,
    AppDifference,
    Difference,
    FieldDifference,
    differences,
)
from tokenx.metadata.deploy.progress import Progress
from tokenx.metadata.format.definitions import EnablementDefinition
from tokenx.metadata.management.base import FAILED, REFUSED, MetadataCommand
from tokenx.metadata.management.choices import choose_org, choose_user
from tokenx.metadata.management.inputs import (
    add_input_arguments,
    editor_path,
    open_input,
)
from tokenx.metadata.package.manifests import read_packages
from tokenx.org.management.console import ERROR, SUCCESS, WARNING, followed_by_bar

_SUMMARY = {
    CREATE: "to create",
    CHANGE: "to change",
    DELETE: "to delete",
    SAME: "unchanged",
    INVALID: "invalid",
}
# The outcomes in JSON.
_OUTCOMES = {
    CREATE: "created",
    CHANGE: "changed",
    DELETE: "deleted",
    SAME: "unchanged",
    INVALID: "wrong",
}
_KINDS = {
    "users": "user",
    "connected_apps": "connected app",
    "external_apps": "external client app",
    "apex_classes": "Apex class",
}
# Longer code isn't compared line by line, which would take minutes.
MAX_LINES = 5_000


class Command(MetadataCommand):
    help = (
        "Show what deploying metadata files would change. The exit status is 0 if nothing "
        "would change, 1 if something would, and 2 if the files couldn't be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_input_arguments(parser)

    def run(self, options: dict[str, Any]) -> None:
        by = choose_user(choose_org(options["org"]), None)
        progress = Progress()
        with (
            followed_by_bar(
                self.error_console, lambda: ("Reading", progress.done, progress.total)
            ),
            open_input(options["path"]) as archive,
        ):
            packages = read_packages(archive, single_package=options["single_package"])
            read = read_all(packages, progress)
            compared = differences(read, by)
            missing = missing_from(read, by)
        if options["json"]:
            self.say_json(diff_result(compared, missing))
        else:
            self.report(compared, missing, options["path"])
        verbs = {difference.verb for difference in compared}
        if INVALID in verbs:
            raise SystemExit(REFUSED)
        if verbs - {SAME}:
            raise SystemExit(FAILED)

    def report(self, compared: list[Difference], missing: Missing, path: str) -> None:
        for difference in compared:
            if difference.verb == INVALID:
                location = editor_path(path, difference.file_name)
                for problem in difference.problems:
                    self.say(f"{location}: {problem}", ERROR)
            elif difference.verb != SAME:
                self.say_difference(difference)
        if missing:
            self.say("Missing references (neither in the org nor in the files):")
            for kind, names in vars(missing).items():
                for name in names:
                    self.say(f"  {_KINDS[kind]} {name}", WARNING)
            self.say()
        counts = Counter(difference.verb for difference in compared)
        parts = [
            f"{counts[verb]} {text}" for verb, text in _SUMMARY.items() if counts[verb]
        ]
        components = f"{len(compared)} component{'' if len(compared) == 1 else 's'}"
        self.say(f"Compared {components}: {', '.join(parts) or 'nothing to deploy'}.")

    def say_difference(self, difference: Difference) -> None:
        styles = {"-": ERROR, "+": SUCCESS}
        verb = difference.verb.capitalize()
        self.say(f"{verb}: {difference.type_name} {difference.full_name}")
        for line in _lines(difference):
            self.say(f"  {line}", styles.get(line[0], ""))
        self.say()


def _lines(difference: Difference) -> Iterator[str]:
    for field in difference.fields:
        yield from _field_lines(field)
    for app in difference.apps:
        for sign, enablement in (("-", app.before), ("+", app.after)):
            if enablement:
                yield f"{sign} {_app_line(app, enablement)}"
    if difference.more_apps and difference.apps:
        yield f"and {difference.more_apps:,} more apps"
    elif difference.more_apps:
        yield f"{difference.more_apps:,} apps in total, too many to compare"


def _field_lines(field: FieldDifference) -> Iterator[str]:
    before, after = ((text or "").split("\n") for text in (field.before, field.after))
    if len(before) == len(after) == 1:
        for sign, text in (("-", field.before), ("+", field.after)):
            if text is not None:
                yield f"{sign} {field.element}: {text}"
    elif max(len(before), len(after)) > MAX_LINES:
        yield f"- {field.element}: {len(before):,} lines"
        yield f"+ {field.element}: {len(after):,} lines"
    else:
        yield f"{field.element}:"
        before = [] if field.before is None else before
        after = [] if field.after is None else after
        # The first two lines name the files. Each hunk starts with its position.
        yield from list(unified_diff(before, after, n=2, lineterm=""))[2:]


def _app_line(app: AppDifference, enablement: EnablementDefinition) -> str:
    default = ", default handler" if enablement.is_default else ""
    return f"{app.kind} {app.app}: runs as {enablement.run_as}{default}"


# --- JSON output ----------------------------------------------------------------------


def diff_result(compared: list[Difference], missing: Missing) -> dict[str, Any]:
    return {
        "isChanged": any(each.verb != SAME for each in compared),
        "components": [_component(each) for each in compared],
        "missing": {
            "users": missing.users,
            "connectedApps": missing.connected_apps,
            "externalClientApps": missing.external_apps,
            "apexClasses": missing.apex_classes,
        },
    }


def _component(difference: Difference) -> dict[str, Any]:
    return {
        "type": difference.type_name,
        "fullName": difference.full_name,
        "fileName": difference.file_name,
        "outcome": _OUTCOMES[difference.verb],
        "fields": [vars(each) for each in difference.fields],
        "apps": [
            {
                "kind": each.kind,
                "app": each.app,
                "outcome": each.verb,
                "before": _enablement(each.before),
                "after": _enablement(each.after),
            }
            for each in difference.apps
        ],
        "moreApps": difference.more_apps,
        "problems": difference.problems,
    }


def _enablement(enablement: EnablementDefinition | None) -> dict[str, Any] | None:
    if enablement is None:
        return None
    return {
        "apexExecutionUser": enablement.run_as,
        "isDefault": enablement.is_default,
    }
