"""Compare which damaged classes our parser and @apexdevtools/apex-parser refuse.

    mkdir judge && npm install --prefix judge @apexdevtools/apex-parser@5.2.0
    python -m tests.apex.agreement FOLDER judge

FOLDER has public classes and triggers. Each mutant has one token that's left out, doubled,
swapped, replaced, or added. Queries stay as they are, because another parser reads them.
"""

import argparse
import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tokenx.apex.parser import Parser
from tokenx.apex.parser.tokens import Token, read_tokens

HERE = Path(__file__).parent
# The other parser takes seconds for longer classes.
LONGEST = 20_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("judge", type=Path, help="folder with the npm package")
    options.add_argument("--count", type=int, default=1_500)
    options.add_argument("--seed", type=int, default=12)
    options.add_argument("--keep", type=Path, help="folder for the mutants")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.keep or Path(name)
        folder.mkdir(exist_ok=True)
        mutants = dict(mutated(chosen.folder, chosen.count, chosen.seed))
        for file, text in mutants.items():
            (folder / file).write_text(text, encoding="utf-8", newline="")
        report(mutants, judged(folder, chosen.judge))


def mutated(folder: Path, count: int, seed: int) -> Iterator[tuple[str, str]]:
    rng, parser = random.Random(seed), Parser(None)
    paths = [*sorted(folder.rglob("*.cls")), *sorted(folder.rglob("*.trigger"))]
    number = 0
    while number < count:
        path = rng.choice(paths)
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        if len(text) < LONGEST and not parser.parse(text).problems:
            yield f"{number:05}{path.suffix}", mutate(text, rng)
            number += 1


def mutate(text: str, rng: random.Random) -> str:
    tokens = [
        each for each in read_tokens(text, []) if each.type not in ("QUERY", "SEARCH")
    ]
    first = rng.randrange(len(tokens) - 1)
    token, following = tokens[first], tokens[first + 1]
    other = rng.choice(tokens).text
    change = rng.randrange(5)
    if change == 3:  # Swap it with the next one.
        between = text[end_of(token) : following.offset]
        swapped = f"{following.text}{between}{token.text}"
        return text[: token.offset] + swapped + text[end_of(following) :]
    new = ["", f"{token.text} {token.text}", f" {other} ", "", f"{token.text} {other} "]
    return text[: token.offset] + new[change] + text[end_of(token) :]


def end_of(token: Token) -> int:
    return token.offset + len(token.text)


def judged(folder: Path, judge: Path) -> dict[str, str | None]:
    script = judge / "judge.mjs"
    shutil.copy(HERE / "judge.mjs", script)
    command = ["node", "--stack-size=4000", str(script), str(folder)]
    output = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(output.stdout)


def report(mutants: dict[str, str], theirs: dict[str, str | None]) -> None:
    parser = Parser(None)
    agreed = refused = 0
    for name, text in sorted(mutants.items()):
        problems, error = parser.parse(text).problems, theirs[name]
        agreed += bool(problems) == bool(error)
        refused += bool(error)
        if problems and not error:
            place = problems[0].at
            print(f"only ours, {name}: {tuple(place)} {problems[0].message}")
            print(f"    {text.splitlines()[place.line - 1].strip()}")
        elif error and not problems:
            line = int(error.partition(":")[0])
            print(
                f"only theirs, {name}: {error}\n    {text.splitlines()[line - 1].strip()}"
            )
    print(f"{agreed:,} of {len(mutants):,} agree ({agreed / len(mutants):.1%});", end=" ")
    print(f"the other parser refuses {refused:,}.")


if __name__ == "__main__":
    main()
