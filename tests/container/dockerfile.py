"""A reader of our Dockerfile: its instructions, in the few forms that it uses."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Dockerfile:
    """The steps that build the image, and how its container starts."""

    # COPY and RUN, in order, with their arguments.
    steps: list[tuple[str, list[str]]] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    # The text of each other instruction, by its name.
    others: dict[str, str] = field(default_factory=dict)

    def words(self, name: str) -> list[str]:
        """Return the command of an instruction in its JSON form."""
        return list(json.loads(self.others[name].rpartition("CMD ")[2]))


ONCE = {"FROM", "USER", "WORKDIR", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


def read_dockerfile(path: Path) -> Dockerfile:
    """Read the file. Raises ValueError for an instruction that the check can't run."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
    found = Dockerfile()
    for line in filter(str.strip, re.sub(r"\\\n\s*", " ", text).split("\n")):
        name, _, rest = line.partition(" ")
        if name == "RUN":
            found.steps.append((name, ["/bin/sh", "-c", rest]))
        elif name == "COPY":
            found.steps.append((name, shlex.split(rest)))
        elif name == "ENV":
            found.env |= dict(pair.split("=", 1) for pair in shlex.split(rest))
        elif name in ONCE and name not in found.others:
            found.others[name] = rest
        else:
            raise ValueError(f"The check can't run this line: {line}")
    return found
