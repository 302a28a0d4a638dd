"""Tables of training: practice orgs, snapshots, exercise runs, and classes."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey
from tokenx.org.models import Org, User
from tokenx.org.models.org import OrgRow

COME_BACK_SALT = "tokenx.training.come-back"


class PracticeOrg(OrgRow):
    """An org that was started on demand, and its original state."""

    owner = OrgForeignKey(User, related_name="+")
    # The scenario's slug, or empty for an org that was opened from a snapshot.
    scenario = models.CharField(max_length=80, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    # A keyed hash, to count the orgs that one network has started.
    address_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org"], name="practice_org_once"),
            SameOrg(field="owner", name="practice_org_owner_in_org"),
        ]

    def __str__(self) -> str:
        return f"{self.org} ({self.scenario})"


class Snapshot(OrgRow):
    """A saved state of an org: a .zip file with metadata and org.json."""

    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = OrgForeignKey(User, related_name="+")
    size = models.PositiveBigIntegerField(default=0)
    data = models.BinaryField()
    # The hash of the link's token, or empty if there's no link.
    link_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "name"],
                name="snapshot_name_per_org",
                violation_error_message="This name is taken. Enter a different name.",
            ),
            SameOrg(field="created_by", name="snapshot_created_by_in_org"),
        ]
        indexes = [models.Index(fields=["org", "created_at"], name="snapshot_by_date")]

    def __str__(self) -> str:
        return self.name


class OpenedSnapshot(OrgRow):
    """A copy of the snapshot that an org was opened from. It outlives the snapshot."""

    name = models.CharField(max_length=80)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["org"], name="opened_snapshot_once")]

    def __str__(self) -> str:
        return self.name


class ExerciseRun(OrgRow):
    """The progress of an exercise in an org."""

    exercise = models.CharField(max_length=80)
    # The first start, the last restart, and the duration of the attempts before it.
    started_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(default=timezone.now)
    spent = models.DurationField(default=timedelta)
    finished_at = models.DateTimeField(null=True, blank=True)
    hints = models.PositiveSmallIntegerField(default=0)
    # The number of met conditions at the last check, and their total.
    met = models.PositiveSmallIntegerField(default=0)
    conditions = models.PositiveSmallIntegerField(default=0)
    # When the number of met conditions last changed.
    changed_at = models.DateTimeField(default=timezone.now)
    # Answers by question, and the org's original values that conditions compare with.
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
        """Tell whether the last attempt was finished."""
        return self.finished_at is not None and self.finished_at >= self.tried_at

    @property
    def time(self) -> timedelta:
        return time_of(self)

    @property
    def minutes(self) -> int | None:
        """Return the duration in minutes, or None if the exercise was never finished."""
        if self.finished_at is None:
            return None
        return max(1, round(self.time.total_seconds() / 60))


def time_of(run: Any) -> timedelta:
    """Return the duration of all attempts. An unfinished one counts to its last change.

    `run` is an ExerciseRun, or an object with the same time attributes.
    """
    is_finished = run.finished_at and run.finished_at >= run.tried_at
    until = run.finished_at if is_finished else max(run.changed_at, run.tried_at)
    time: timedelta = run.spent + (until - run.tried_at)
    return time


class Classroom(OrgRow):
    """A class: participants who work through a path, each in their own org.

    It belongs to its trainer's org. When it ends, the trainer can no longer view the
    participants' orgs.
    """

    trainer = OrgForeignKey(User, related_name="+")
    name = models.CharField(max_length=80)
    # The code to join the class, unique across all orgs.
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

    def get_absolute_url(self) -> str:
        return reverse("training:classroom", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.ends_at > timezone.now()

    @property
    def shown_code(self) -> str:
        """Return the code in two halves, which are easier to read aloud."""
        return f"{self.code[:4]}-{self.code[4:]}"


class Participant(OrgRow):
    """A participant of a class, with the name they entered and their org."""

    classroom = OrgForeignKey(Classroom, related_name="participants")
    name = models.CharField(max_length=80)
    joined_at = models.DateTimeField(default=timezone.now)
    # The participant's own org, or None after it was deleted. `org` is the trainer's.
    practice_org = models.ForeignKey(
        Org, models.DO_NOTHING, "+", null=True, db_constraint=False, db_index=False
    )
    # The trainer's latest note, and when it was read.
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
            # To find the participant of an org before the class is known.
            models.Index(fields=["practice_org"], name="participant_by_practice_org"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        keys = [self.classroom_id, self.pk]
        return reverse("training:participant", args=keys)

    @property
    def note_key(self) -> str:
        """Return a key for the unread note, or an empty string."""
        is_unread = self.note_at and not self.note_read_at
        return f"{self.note_at.timestamp():.6f}" if self.note_at and is_unread else ""

    @property
    def come_back_token(self) -> str:
        """Return the token for the participant's personal link."""
        return signing.Signer(salt=COME_BACK_SALT).sign_object([self.org_id, self.pk])
