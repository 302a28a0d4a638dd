"""`manage.py diff`: what deploying metadata files would change in an org."""

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
    SAME,
    WRONG,
    AppDifference,
    Difference,
    FieldDifference,
    differences,
)
from tokenx.metadata.deploy.progress import Progress
from tokenx.metadata.format.definitions import EnablementDefinition
from tokenx.metadata.management.base import NO, NOT_TRIED, MetadataCommand
from tokenx.metadata.management.choices import choose_org, choose_user
from tokenx.metadata.management.inputs import add_input_arguments, beside, open_input
from tokenx.metadata.package.manifests import read_packages
from tokenx.terminal import bar_while

DONE = {
    CREATE: "created",
    CHANGE: "changed",
    DELETE: "deleted",
    SAME: "unchanged",
    WRONG: "wrong",
}
# Code of more lines is not compared line by line: it would take minutes.
MAX_LINES = 5_000


class Command(MetadataCommand):
    help = (
        "Show what deploying metadata files would change. The exit status is 0 where that "
        "is nothing, 1 where it is something, 2 where the files could not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_input_arguments(parser)

    def run(self, options: dict[str, Any]) -> None:
        by = choose_user(choose_org(options["org"]), None)
        progress = Progress()
        with (
            bar_while(self.stderr, lambda: ("Reading", progress.done, progress.total)),
            open_input(options["path"]) as archive,
        ):
            packages = read_packages(archive, single_package=options["single_package"])
            read = read_all(packages, progress)
            found = differences(read, by)
            missing = missing_from(read, by)
        if options["json"]:
            self.say_json(diff_result(found, missing))
        else:
            self.report(found, missing, options["path"])
        verbs = {each.verb for each in found}
        if WRONG in verbs:
            raise SystemExit(NOT_TRIED)
        if verbs - {SAME}:
            raise SystemExit(NO)

    def report(self, found: list[Difference], missing: Missing, path: str) -> None:
        for each in found:
            if each.verb == WRONG:
                for problem in each.problems:
                    where = beside(path, each.file_name)
                    self.say(f"{where}: {problem}", self.style.ERROR)
            elif each.verb != SAME:
                self.say_difference(each)
        if missing:
            self.say("The files name what neither they nor the org have:")
            for kind, names in vars(missing).items():
                for name in names:
                    self.say(f"  {_KINDS[kind]} {name}", self.style.WARNING)
            self.say()
        numbers = Counter(each.verb for each in found)
        said = [f"{numbers[verb]} {word}" for verb, word in DONE.items() if numbers[verb]]
        total = f"{len(found)} component{'' if len(found) == 1 else 's'}"
        self.say(f"{total} compared: {', '.join(said) or 'nothing to deploy'}.")

    def say_difference(self, difference: Difference) -> None:
        styles = {"-": self.style.ERROR, "+": self.style.SUCCESS}
        verb = DONE[difference.verb].capitalize()
        self.say(f"{verb}: {difference.type_name} {difference.full_name}")
        for line in _lines(difference):
            self.say(f"  {line}", styles.get(line[0], str))
        self.say()


_KINDS = {
    "users": "user",
    "connected_apps": "connected app",
    "external_apps": "external client app",
    "apex_classes": "Apex class",
}


def _lines(difference: Difference) -> Iterator[str]:
    for each in difference.fields:
        yield from _field_lines(each)
    for app in difference.apps:
        for sign, enablement in (("-", app.before), ("+", app.after)):
            if enablement:
                yield f"{sign} {_told(app, enablement)}"
    if difference.more_apps and difference.apps:
        yield f"and {difference.more_apps:,} more apps"
    elif difference.more_apps:
        yield f"{difference.more_apps:,} apps in both, too many to compare one by one"


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
        # The first two lines name the files; a part that differs says where it begins.
        yield from list(unified_diff(before, after, n=2, lineterm=""))[2:]


def _told(app: AppDifference, enablement: EnablementDefinition) -> str:
    default = ", as its default handler" if enablement.is_default else ""
    return f"{app.kind} {app.app}: runs as {enablement.run_as}{default}"


# --- For scripts ----------------------------------------------------------------------


def diff_result(found: list[Difference], missing: Missing) -> dict[str, Any]:
    return {
        "isChanged": any(each.verb != SAME for each in found),
        "components": [_component(each) for each in found],
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
        "outcome": DONE[difference.verb],
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
