"""Results as xAPI 1.0.3 statements for learning record stores.

A statement's ID is derived from the person, the activity, and the time. A store ignores
statements that it already has, so sending twice creates no duplicates.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin
from uuid import NAMESPACE_URL, uuid5

from django.urls import reverse

from tokenx.training.models import Classroom

from .results import ParticipantResult, ParticipantRun, ParticipantStep

VERSION = "1.0.3"
_VERBS = "http://adlnet.gov/expapi/verbs/"
_SIMULATION = "http://adlnet.gov/expapi/activities/simulation"
_COURSE = "http://adlnet.gov/expapi/activities/course"


def statements_of(
    classroom: Classroom, results: list[ParticipantResult], home: str
) -> list[dict[str, Any]]:
    """Return the participants' statements, oldest first. `home` is this server's URL."""
    statements = [
        statement
        for result in results
        for step in result.steps
        if step.run
        for statement in _statements_of_step(classroom, result, step, step.run, home)
    ]
    return sorted(statements, key=lambda statement: statement["timestamp"])


def _statements_of_step(
    classroom: Classroom,
    result: ParticipantResult,
    step: ParticipantStep,
    run: ParticipantRun,
    home: str,
) -> Iterator[dict[str, Any]]:
    """Yield `attempted`, and then `completed` or `progressed`."""

    def make(verb: str, at: datetime, outcome: dict[str, Any]) -> dict[str, Any]:
        statement = {
            "actor": {
                "objectType": "Agent",
                "name": result.participant.name,
                "account": {
                    "homePage": home,
                    "name": f"participant-{result.participant.pk}",
                },
            },
            "verb": {"id": f"{_VERBS}{verb}", "display": {"en-US": verb}},
            "object": {
                "objectType": "Activity",
                "id": urljoin(
                    home, reverse("training:exercise", args=[step.exercise.slug])
                ),
                "definition": {
                    "type": _SIMULATION,
                    "name": {"en-US": step.exercise.title},
                },
            },
            "context": {
                "platform": "tokenx",
                "language": "en-US",
                "contextActivities": {"grouping": [_class_activity(classroom, home)]},
            },
            "timestamp": at.isoformat(timespec="milliseconds"),
        }
        identity = "|".join(map(str, [home, run.org_id, statement, classroom.pk]))
        if outcome:
            statement["result"] = outcome
        return {"id": str(uuid5(NAMESPACE_URL, identity)), **statement}

    yield make("attempted", run.started_at, {})
    hints = {"extensions": {f"{home}xapi/extensions/hints": run.hints}}
    if run.finished_at:
        # All conditions were met at that time, even if the org changed later.
        score = _score(run._replace(met=run.conditions))
        done = {"success": True, "completion": True, "duration": duration(step.time)}
        yield make("completed", run.finished_at, score | hints | done)
    elif run.met:
        progress = _score(run) | hints | {"completion": False}
        yield make("progressed", run.changed_at, progress)


def _class_activity(classroom: Classroom, home: str) -> dict[str, Any]:
    return {
        "objectType": "Activity",
        "id": urljoin(home, reverse("training:classroom", args=[classroom.pk])),
        "definition": {"type": _COURSE, "name": {"en-US": classroom.name}},
    }


def _score(run: ParticipantRun) -> dict[str, Any]:
    """Return the share of met conditions, or no score without conditions."""
    if not run.conditions:
        return {}
    met = min(run.met, run.conditions)
    scaled = round(met / run.conditions, 4)
    score = {"scaled": scaled, "raw": met, "min": 0, "max": run.conditions}
    return {"score": score}


def duration(time: timedelta) -> str:
    """Format a duration in ISO 8601 with hundredths of a second, as the spec requires."""
    seconds = max(time.total_seconds(), 0.0)
    return f"PT{seconds:.2f}S"
