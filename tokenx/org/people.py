"""The people of a simulated issuer: as text, and their limits.

A line with a name in brackets starts a person. The lines after it are claims about the
person, as in tokenx.org.claims:

    [Ada Lovelace]
    sub=ada-1
    email=ada@example.com
"""

from typing import Any

from django.core.exceptions import ValidationError

from .claims import check_claims, read_claims, write_claims

MAX_PEOPLE = 50
MAX_NAME_LENGTH = 80
# Characters of all people together.
MAX_PEOPLE_LENGTH = 40_000
_EXAMPLE = "Start each person with a name in brackets, such as [Ada Lovelace]."

People = list[dict[str, Any]]


def read_people(text: str) -> People:
    """Return the people. Raise ValidationError that says where the problem is."""
    if len(text) > MAX_PEOPLE_LENGTH:
        raise ValidationError(
            f"Enter at most {MAX_PEOPLE_LENGTH:,} characters for all people."
        )
    parts: list[tuple[str, list[str]]] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            parts.append((stripped[1:-1].strip(), []))
        elif stripped and not parts:
            raise ValidationError(f"Line {number} doesn't belong to a person. {_EXAMPLE}")
        elif stripped:
            parts[-1][1].append(line)
    people = [_person(name, lines) for name, lines in parts]
    check_people(people)
    return people


def check_people(people: Any) -> None:
    """Raise ValidationError if an issuer can't have these people."""
    if not isinstance(people, list):
        raise ValidationError("People must be a list.")
    if len(people) > MAX_PEOPLE:
        raise ValidationError(f"An issuer can have at most {MAX_PEOPLE} people.")
    names = set()
    for person in people:
        if not isinstance(person, dict) or set(person) != {"name", "claims"}:
            raise ValidationError("Each person must have a name and claims.")
        name, claims = person["name"], person["claims"]
        if not isinstance(name, str) or not name or len(name) > MAX_NAME_LENGTH:
            message = f"A person's name has 1 to {MAX_NAME_LENGTH} characters. {_EXAMPLE}"
            raise ValidationError(message)
        if not name.isprintable() or name in names:
            raise ValidationError(f"The name {name[:80]!r} is invalid or used twice.")
        if not isinstance(claims, dict):
            raise ValidationError(f"{name}: Claims must be an object.")
        names.add(name)
        try:
            check_claims(claims)
        except ValidationError as error:
            raise ValidationError([f"{name}: {each}" for each in error.messages]) from error


def write_people(people: People) -> str:
    """Return people as text that read_people() reads."""
    return "\n\n".join(
        f"[{person['name']}]\n{write_claims(person['claims'])}".strip() for person in people
    )


def _person(name: str, lines: list[str]) -> dict[str, Any]:
    try:
        return {"name": name, "claims": read_claims("\n".join(lines))}
    except ValidationError as error:
        raise ValidationError([f"{name}: {each}" for each in error.messages]) from error
