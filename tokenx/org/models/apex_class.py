import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Self

from django.db import models
from django.db.models import Count, Max, Q
from django.db.models.functions import Lower
from django.utils import timezone

from tokenx.apex.compiled import Compiled, hash_of
from tokenx.apex.problems import Problem, Severity
from tokenx.apex.tree import Position
from tokenx.org.apex import BASE, extends_base, is_template, superclasses_in
from tokenx.org.api_names import validate_api_name
from tokenx.web.links import url_of

from .org import OrgRow

# The API version of classes created in Setup.
API_VERSION = "67.0"


# How many problems of a class are stored.
MAX_PROBLEMS = 100

_WORD = re.compile(r"\w+")


class CompileStatus(models.TextChoices):
    """The stored outcome of compiling a class."""

    NOT_COMPILED = "not_compiled", "Not compiled yet"
    VALID = "valid", "Compiled"
    INVALID = "invalid", "Has compile errors"
    NOT_RUNNABLE = "not_runnable", "Partly runnable"


class ApexClassQuerySet(models.QuerySet["ApexClass"]):
    def not_compiled(self) -> Self:
        return self.filter(compile_status=CompileStatus.NOT_COMPILED)

    def state_of(self, org: int) -> tuple[Any, ...]:
        """Return a value that differs after any class of the org was changed.

        A result is stored only if the other classes are those that the compiler read.
        """
        rows = self.filter(org=org)
        values = rows.aggregate(Count("pk"), Max("pk"), Max("modified_at"))
        return tuple(values.values())

    def dependents_of(self, org: int, names: Iterable[str]) -> list[int]:
        """Return the IDs of compiled classes that refer to the named ones.

        A class also depends on everything on which its references depend. A class that
        isn't compiled yet might depend on everything. A class with problems might miss one
        of the named classes, and its references don't contain missing ones.
        """
        changed = {name.lower() for name in names}
        unsure = dict(self._with_problems_that_mention(org, changed))
        changed |= _lower(unsure.values())
        found = list(unsure)
        rows = self.filter(org=org).values_list(
            "pk", "name", "compile_status", "superclasses", "referenced_classes"
        )
        waiting: list[Any] = [row for row in rows if row[0] not in unsure]
        is_growing = True
        while is_growing:
            is_growing, rest = False, []
            for row in waiting:
                pk, name, status, superclasses, references = row
                is_compiled = status != CompileStatus.NOT_COMPILED
                if is_compiled and changed.isdisjoint(_lower(superclasses, references)):
                    rest.append(row)
                    continue
                is_growing = True
                changed.add(name.lower())
                if is_compiled:
                    found.append(pk)
            waiting = rest
        return found

    def _with_problems_that_mention(
        self, org: int, names: set[str]
    ) -> Iterator[tuple[int, str]]:
        statuses = [CompileStatus.INVALID, CompileStatus.NOT_RUNNABLE]
        rows = self.filter(org=org, compile_status__in=statuses)
        for pk, name, body in rows.values_list("pk", "name", "body").iterator():
            if not names.isdisjoint(_WORD.findall(body.lower())):
                yield pk, name


def _lower(*lists: Collection[str]) -> set[str]:
    return {name.lower() for names in lists for name in names}


class ApexClass(OrgRow):
    """An Apex class: its code, and the stored result of compiling it."""

    name = models.CharField(
        max_length=40,
        validators=[validate_api_name],
        error_messages={"max_length": "The name of a class has at most 40 characters."},
    )
    body = models.TextField(blank=True)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)
    # Other elements of its metadata file, written back unchanged on retrieve.
    api_version = models.CharField(max_length=10, default=API_VERSION, editable=False)
    status = models.CharField(max_length=20, default="Active", editable=False)
    file_details = models.JSONField(default=dict, blank=True, editable=False)

    compile_status = models.CharField(
        max_length=20,
        choices=CompileStatus,
        default=CompileStatus.NOT_COMPILED,
        editable=False,
    )
    # The hash of the compiled body; empty if the class isn't compiled yet.
    compiled_hash = models.CharField(max_length=64, blank=True, editable=False)
    # Objects with line, column, message, severity, and hint.
    compile_problems = models.JSONField(default=list, blank=True, editable=False)
    # The base classes, closest first. Before the class is compiled, only those that its
    # declaration names.
    superclasses = models.JSONField(default=list, blank=True, editable=False)
    # Whether the base class of handlers is one of the base classes.
    is_handler_class = models.BooleanField(default=False, editable=False)
    # The names of other classes that the code mentions.
    referenced_classes = models.JSONField(default=list, blank=True, editable=False)

    objects = ApexClassQuerySet.as_manager()

    # The columns that keep a result.
    COMPILE_FIELDS = (
        "compile_status",
        "compiled_hash",
        "compile_problems",
        "superclasses",
        "is_handler_class",
        "referenced_classes",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="apex_class_in_org"),
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="apex_class_name_per_org",
                violation_error_message="Another Apex class already has this name.",
            ),
            models.CheckConstraint(
                condition=Q(compile_status="not_compiled", compiled_hash="")
                | (
                    Q(compile_status__in=["valid", "invalid", "not_runnable"])
                    & ~Q(compiled_hash="")
                ),
                name="apex_class_compile_status",
            ),
        ]
        indexes = [
            models.Index(fields=["org", "name"], name="apex_class_by_name"),
            models.Index(
                fields=["org", "compile_status"], name="apex_class_by_compile_status"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return url_of("setup:apex-class", self.name)

    def add_known_superclasses(self) -> None:
        """Before the class is compiled, add what's known about its base class."""
        if self.is_compiled or self.is_handler_class or len(self.superclasses) != 1:
            return
        rows = ApexClass.objects.filter(org=self.org_id).annotate(key=Lower("name"))
        base = rows.filter(key=self.superclasses[0].lower()).exclude(pk=self.pk).first()
        if base:
            self.superclasses = [*self.superclasses, *base.superclasses]
            self.is_handler_class = base.is_handler_class

    def set_compiled(self, compiled: Compiled | None) -> None:
        """Take a result of compiling the body. None means that it isn't compiled yet.

        A result of another body isn't taken.
        """
        if compiled and compiled.body_hash != hash_of(self.body):
            compiled = None
        if compiled is None:
            self.compile_status, self.compiled_hash = CompileStatus.NOT_COMPILED, ""
            self.compile_problems, self.referenced_classes = [], []
            self.superclasses = superclasses_in(self.body)
        else:
            self.compile_status = CompileStatus(compiled.status.value)
            self.compiled_hash = compiled.body_hash
            self.compile_problems = [
                _as_json(problem) for problem in compiled.problems[:MAX_PROBLEMS]
            ]
            self.superclasses = list(compiled.superclasses)
            self.referenced_classes = list(compiled.references)
        self.is_handler_class = extends_base(self.superclasses)

    @property
    def is_compiled(self) -> bool:
        """Tell whether there's a result, and whether it belongs to the body."""
        is_stored = self.compile_status != CompileStatus.NOT_COMPILED
        return is_stored and self.compiled_hash == hash_of(self.body)

    @property
    def is_runnable(self) -> bool:
        return self.compile_status == CompileStatus.VALID

    @property
    def compile_errors(self) -> list[Problem]:
        return [each for each in self._problems if each.severity == Severity.ERROR]

    @property
    def compile_warnings(self) -> list[Problem]:
        return [each for each in self._problems if each.severity == Severity.WARNING]

    @property
    def compile_notes(self) -> list[Problem]:
        return [each for each in self._problems if each.severity == Severity.NOTE]

    @property
    def _problems(self) -> list[Problem]:
        return [_from_json(each) for each in self.compile_problems]

    @property
    def why_not_compiled(self) -> str:
        """Return the first compile error after the class's name, or an empty string."""
        errors = self.compile_errors
        if not errors:
            return ""
        at, message = errors[0].at, errors[0].text.rstrip(".")
        has = "has a compile error"
        if len(errors) > 1:
            has = f"has {len(errors)} compile errors. The first is"
        return f"{has} at line {at.line} column {at.column}: {message}"

    @property
    def why_not_handler(self) -> str:
        """Return why a handler can't use the class, or an empty string if it can."""
        if self.is_handler_class:
            return ""
        where = "directly or through base classes in the org"
        return f"{self.name} doesn't extend {BASE}, {where}."

    @property
    def why_not_ready(self) -> str:
        """Return why the class can't validate tokens, or an empty string if it might."""
        if reason := self.why_not_compiled:
            return f"{self.name} {reason}."
        return self.why_not_handler

    @property
    def is_template(self) -> bool:
        """Tell whether the class is still the unedited template."""
        return is_template(self.name, self.body)


def _as_json(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.at.line,
        "column": problem.at.column,
        "message": problem.message,
        "severity": problem.severity.value,
        "hint": problem.hint,
    }


def _from_json(value: dict[str, Any]) -> Problem:
    at = Position(value["line"], value["column"])
    severity = Severity(value["severity"])
    return Problem(at, value["message"], severity, value.get("hint", ""))
