"""Who practises, and how far they are: orgs on demand, snapshots, exercises, classes."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import models
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey
from tokenx.org.models import Org, User
from tokenx.org.models.org import OrgRow

COME_BACK_SALT = "tokenx.training.come-back"


class PracticeOrg(OrgRow):
    """An org that was made on demand, and what it was made from."""

    owner = OrgForeignKey(User, related_name="+")
    # The name of a scenario; empty where it was opened in a snapshot.
    scenario = models.CharField(max_length=80, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    # A keyed hash: enough to count what one address has started.
    address_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org"], name="practice_org_once"),
            SameOrg(field="owner", name="practice_org_owner_in_org"),
        ]

    def __str__(self) -> str:
        return f"{self.org} ({self.scenario})"


class Snapshot(OrgRow):
    """A state of an org under a name: one zip file, whose handlers are plain metadata."""

    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = OrgForeignKey(User, related_name="+")
    size = models.PositiveBigIntegerField(default=0)
    data = models.BinaryField()
    # The hash of what is in its link; empty where it has none.
    link_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "name"],
                name="snapshot_name_per_org",
                violation_error_message="A snapshot of this org has this name.",
            ),
            SameOrg(field="created_by", name="snapshot_created_by_in_org"),
        ]
        indexes = [models.Index(fields=["org", "created_at"], name="snapshot_by_date")]

    def __str__(self) -> str:
        return self.name


class OpenedSnapshot(OrgRow):
    """The state that an org was opened in by a link; it outlives the snapshot itself."""

    name = models.CharField(max_length=80)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["org"], name="opened_snapshot_once")]

    def __str__(self) -> str:
        return self.name


class ExerciseRun(OrgRow):
    """An exercise as it goes in an org: hints that were shown, conditions that are met."""

    exercise = models.CharField(max_length=80)
    # When it was begun, and when it was begun anew; what the tries before that took.
    started_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(default=timezone.now)
    spent = models.DurationField(default=timedelta)
    finished_at = models.DateTimeField(null=True, blank=True)
    hints = models.PositiveSmallIntegerField(default=0)
    # How many conditions were met when it was looked at last, and of how many.
    met = models.PositiveSmallIntegerField(default=0)
    conditions = models.PositiveSmallIntegerField(default=0)
    # When more or fewer of them were met than before.
    changed_at = models.DateTimeField(default=timezone.now)
    # What was answered, by its question; and what guards know of the org as it was.
    answers = models.JSONField(default=dict, blank=True)
    baseline = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "exercise"], name="exercise_run_once_per_org"
            )
        ]

    def __str__(self) -> str:
        return f"{self.exercise}: {self.met} of {self.conditions}"

    @property
    def is_finished(self) -> bool:
        """Since it was started last; one that is done anew was finished all the same."""
        return self.finished_at is not None and self.finished_at >= self.tried_at

    @property
    def time(self) -> timedelta:
        return time_of(self)

    @property
    def minutes(self) -> int | None:
        """How long it took; None, while it was never finished."""
        if self.finished_at is None:
            return None
        return max(1, round(self.time.total_seconds() / 60))


def time_of(run: Any) -> timedelta:
    """How long all tries took, the last to its end, or to what was last done in it.

    `run` is an ExerciseRun, or has its times.
    """
    is_finished = run.finished_at and run.finished_at >= run.tried_at
    until = run.finished_at if is_finished else max(run.changed_at, run.tried_at)
    time: timedelta = run.spent + (until - run.tried_at)
    return time


class Classroom(OrgRow):
    """A class: people who work through one path, each in an org of their own.

    It belongs to the org of its trainer, whose rights in the others end with it.
    """

    trainer = OrgForeignKey(User, related_name="+")
    name = models.CharField(max_length=80)
    # What people type, or follow a link with, to join. Given out once, whatever the org.
    code = models.CharField(max_length=12)
    scenario = models.CharField(max_length=80)
    path = models.CharField(max_length=80)
    opened_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="classroom_in_org"),
            models.UniqueConstraint(fields=["code"], name="classroom_code"),
            SameOrg(field="trainer", name="classroom_trainer_in_org"),
        ]
        indexes = [models.Index(fields=["org", "ends_at"], name="classroom_by_end")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.ends_at > timezone.now()

    @property
    def shown_code(self) -> str:
        """The code in two halves, as it is read aloud."""
        return f"{self.code[:4]}-{self.code[4:]}"


class Participant(OrgRow):
    """Somebody in a class, by the name they gave, and the org they work in."""

    classroom = OrgForeignKey(Classroom, related_name="participants")
    name = models.CharField(max_length=80)
    joined_at = models.DateTimeField(default=timezone.now)
    # In another org than this row: that of the trainer. None once it is gone.
    practice_org = models.ForeignKey(
        Org, models.DO_NOTHING, "+", null=True, db_constraint=False, db_index=False
    )
    # What the trainer wrote last, and whether it was read.
    note = models.CharField(max_length=1000, blank=True)
    note_at = models.DateTimeField(null=True, blank=True)
    note_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "practice_org"], name="participant_once_per_org"
            ),
            SameOrg(field="classroom", name="participant_classroom_in_org"),
        ]
        indexes = [
            models.Index(fields=["org", "classroom", "name"], name="participant_by_name"),
            # Whose an org is, when nobody knows yet of which class.
            models.Index(fields=["practice_org"], name="participant_by_practice_org"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def note_key(self) -> str:
        """Which note waits to be read; empty where none does."""
        waits = self.note_at and not self.note_read_at
        return f"{self.note_at.timestamp():.6f}" if self.note_at and waits else ""

    @property
    def come_back_token(self) -> str:
        """What the personal link of the person carries."""
        return signing.Signer(salt=COME_BACK_SALT).sign_object([self.org_id, self.pk])
