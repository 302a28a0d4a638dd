"""Reading a scenario: its text to a Scenario, or every problem with its file and line."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from typing import Any, NamedTuple, get_origin

from django.core.exceptions import ValidationError

from tokenx.org.models import ApexClass, Org, User

from .tables import (
    MOST,
    RESERVED,
    AppRow,
    ClassRow,
    DeploymentRow,
    EnablementRow,
    HandlerRow,
    ManyAppsRow,
    OrgRow,
    PeopleRow,
    UserRow,
)
from .toml_lines import Path, line_of, lines_of

# More than this takes longer to build than anybody waits for a page.
LIGHT = 2_000
_WORDS = {str: "a text", bool: "true or false", int: "a whole number", list: "a list"}
_AT_LINE = re.compile(r"\s*\(at (?:end of document|line (\d+), column \d+)\)$")


class Problem(NamedTuple):
    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class ScenarioError(Exception):
    """What is wrong with a scenario, all of it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A state that an org can begin in."""

    slug: str
    label: str
    description: str
    # Where it stands in a list of scenarios.
    order: int = 100
    org: OrgRow = field(default=OrgRow(), metadata={"row": OrgRow})
    people: PeopleRow = field(default=PeopleRow(), metadata={"row": PeopleRow})
    users: list[UserRow] = field(default_factory=list, metadata={"rows": UserRow})
    classes: list[ClassRow] = field(default_factory=list, metadata={"rows": ClassRow})
    apps: list[AppRow] = field(default_factory=list, metadata={"rows": AppRow})
    many_apps: list[ManyAppsRow] = field(
        default_factory=list, metadata={"rows": ManyAppsRow}
    )
    handlers: list[HandlerRow] = field(default_factory=list, metadata={"rows": HandlerRow})
    enablements: list[EnablementRow] = field(
        default_factory=list, metadata={"rows": EnablementRow}
    )
    deployments: list[DeploymentRow] = field(
        default_factory=list, metadata={"rows": DeploymentRow}
    )

    def __str__(self) -> str:
        return self.label

    @property
    def is_light(self) -> bool:
        """Whether an org can be made of it while somebody waits."""
        apps = len(self.apps) + sum(many.count for many in self.many_apps)
        return len(self.users) + self.people.count <= LIGHT and apps <= LIGHT


def read_scenario(text: str, *, slug: str, file: str) -> Scenario:
    """Raises ScenarioError with all that is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _AT_LINE.search(said)
        line = int(at[1]) if at and at[1] else len(text.splitlines()) or 1
        sentence = f"This is not TOML: {_AT_LINE.sub('', said)}."
        raise ScenarioError([Problem(file, line, sentence)]) from error
    reader = _Reader(file, lines_of(text))
    scenario: Scenario | None = reader.row(Scenario, data, (), slug=slug)
    if scenario and not reader.problems:
        for path, sentence in _problems_of(scenario):
            reader.say(path, sentence)
    if reader.problems or scenario is None:
        raise ScenarioError(reader.problems)
    return scenario


class _Reader:
    """Checks keys and types, by the fields of the rows; goes on after each problem."""

    def __init__(self, file: str, lines: dict[Path, int]) -> None:
        self.file, self.lines = file, lines
        self.problems: list[Problem] = []

    def say(self, path: Path, sentence: str) -> None:
        self.problems.append(Problem(self.file, line_of(self.lines, path), sentence))

    def row(self, made: Any, data: Any, path: Path, **given: Any) -> Any:
        """A table as a row; None where something is wrong with it."""
        if not isinstance(data, dict):
            self.say(path, f"{path[-1]} has to be a table.")
            return None
        known = {
            each.metadata.get("key", each.name): each
            for each in fields(made)
            if each.name not in given
        }
        before = len(self.problems)
        for key in data.keys() - known.keys():
            near = get_close_matches(key, known, n=1)
            meant = f" Is it {near[0]}?" if near else f" Known are {', '.join(known)}."
            self.say((*path, key), f"{key} is not known here.{meant}")
        values = dict(given)
        for key, each in known.items():
            if key in data:
                values[each.name] = self.value(each, data[key], (*path, key))
            elif each.default is MISSING and each.default_factory is MISSING:
                self.say(path, f"{key} is missing.")
        return made(**values) if len(self.problems) == before else None

    def value(self, each: Any, value: Any, path: Path) -> Any:
        if row := each.metadata.get("row"):
            return self.row(row, value, path)
        wanted = get_origin(each.type) or each.type
        if row := each.metadata.get("rows"):
            if type(value) is not list or not all(isinstance(it, dict) for it in value):
                header = f"[[{'.'.join(key for key in path if isinstance(key, str))}]]"
                self.say(path, f"{path[-1]} has to be tables: write {header} above each.")
                return None
            return [self.row(row, it, (*path, place)) for place, it in enumerate(value)]
        if type(value) is not wanted:
            self.say(path, f"{path[-1]} has to be {_WORDS[wanted]}.")
            return None
        if choices := each.metadata.get("choices"):
            self._choose(value, choices, path)
        elif wanted is int and not 0 <= value <= MOST:
            self.say(path, f"{path[-1]} has to be a number from 0 to {MOST:,}.")
        elif wanted is str and "\0" in value:
            self.say(path, f"{path[-1]} has a NUL in it.")
        return value

    def _choose(self, value: Any, choices: list[str], path: Path) -> None:
        for chosen in value if isinstance(value, list) else [value]:
            if chosen not in choices:
                words = f"{path[-1]} cannot be {chosen!r}: it is one of"
                self.say(path, f"{words} {', '.join(choices)}.")


def _problems_of(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """What is wrong although each table is well formed: names, and what they refer to."""
    yield from _refused_by_models(scenario)
    usernames = [user.username.lower() for user in scenario.users]
    classes = [each.name.lower() for each in scenario.classes]
    handlers = [handler.key.lower() for handler in scenario.handlers]
    apps = [app.key.lower() for app in scenario.apps]
    for place, username in enumerate(usernames):
        if username.endswith(RESERVED):
            words = f"username ends in what others have: {', '.join(RESERVED)}."
            yield ("users", place, "username"), words
    yield from _repeated("users", "username", usernames)
    yield from _repeated("classes", "name", classes)
    yield from _repeated("handlers", "api_name", handlers)
    yield from _repeated("apps", "api_name", apps)
    for place, many in enumerate(scenario.many_apps):
        here: Path = ("many_apps", place)
        if "{number}" not in many.label:
            yield (*here, "label"), "label needs {number}, which becomes 001, 002 …"
        taken = {app.key.lower() for app in many.apps} & set(apps)
        if taken and "{number}" in many.label:
            yield (*here, "label"), f"Another app has the API name {min(taken)}."
        apps += [app.key.lower() for app in many.apps]
        if many.handler:
            yield from _unknown(here, "handler", many.handler, handlers)
            yield from _unknown(here, "run_as", many.run_as, usernames)
    for place, handler in enumerate(scenario.handlers):
        yield from _unknown(("handlers", place), "class", handler.apex_class, classes)
    for place, enablement in enumerate(scenario.enablements):
        here = ("enablements", place)
        yield from _unknown(here, "handler", enablement.handler, handlers)
        yield from _unknown(here, "app", enablement.app, apps)
        yield from _unknown(here, "run_as", enablement.run_as, usernames)
    if all("{number}" in many.label for many in scenario.many_apps):
        yield from _enabled_twice(scenario)


def _refused_by_models(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    org = Org(name=scenario.org.name)
    handler_keys = {"apex_class": ApexClass(), "modified_by": User()}
    rows: list[tuple[Path, Any, dict[str, str]]] = [(("org",), org, {"name": "name"})]
    for table, keys in [("users", {}), ("classes", {}), ("handlers", handler_keys)]:
        rows += [
            ((table, place), row.made(org, **keys), row.KEYS)
            for place, row in enumerate(getattr(scenario, table))
        ]
    rows += [
        (("apps", place), row.made(org), row.KEYS)
        for place, row in enumerate(scenario.apps)
    ]
    rows += [
        (("many_apps", place), many.apps[-1].made(org), AppRow.KEYS)
        for place, many in enumerate(scenario.many_apps)
        if many.count
    ]
    for path, made, its_keys in rows:
        others = {each.name for each in made._meta.fields} - set(its_keys)
        try:
            made.clean_fields(exclude=others)
        except ValidationError as error:
            for name, sentences in error.message_dict.items():
                key = its_keys[name]
                yield (*path, key), f"{key}: {' '.join(sentences)}"


def _repeated(table: str, key: str, names: list[str]) -> Iterator[tuple[Path, str]]:
    for place, name in enumerate(names):
        if name in names[:place]:
            yield (table, place, key), f"{key} {name} was there before."


def _unknown(
    path: Path, key: str, name: str, names: list[str]
) -> Iterator[tuple[Path, str]]:
    if not name:
        yield path, f"{key} is missing."
    elif name.lower() not in names:
        near = get_close_matches(name.lower(), names, n=1)
        meant = f" Is it {near[0]}?" if near else ""
        yield (*path, key), f"{key} {name!r} is not in this scenario.{meant}"


def _enabled_twice(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    pairs: set[tuple[str, str]] = set()
    defaults: set[str] = set()
    for path, row in enabled_apps(scenario):
        handler, app = row.handler.lower(), row.app.lower()
        if (handler, app) in pairs:
            yield path, f"{row.handler} is enabled for {row.app} before."
        if row.default and app in defaults:
            yield path, f"{row.app} has a default handler before."
        pairs.add((handler, app))
        defaults |= {app} if row.default else set()


def enabled_apps(scenario: Scenario) -> Iterator[tuple[Path, EnablementRow]]:
    """All of them, those of many apps too, and where each is written."""
    for place, row in enumerate(scenario.enablements):
        yield ("enablements", place), row
    for place, many in enumerate(scenario.many_apps):
        for app in many.apps if many.handler else []:
            made = EnablementRow(
                handler=many.handler, app=app.key, run_as=many.run_as, default=many.default
            )
            yield ("many_apps", place), made
