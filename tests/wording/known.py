"""Known faults of older files: their number can fall, but not rise."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from .check import Fault

KNOWN = Path(__file__).parent / "known_faults.txt"


def excess(faults: Iterable[Fault], known: Path = KNOWN) -> list[Fault]:
    """Return the faults of all files that have more of them than are known."""
    faults = list(faults)
    allowed = _read(known)
    counts = Counter(fault.path for fault in faults)
    return [fault for fault in faults if counts[fault.path] > allowed.get(fault.path, 0)]


def record(faults: Iterable[Fault], known: Path = KNOWN) -> None:
    """Record the number of faults in each file."""
    counts = Counter(fault.path for fault in faults)
    known.write_text("".join(f"{path} {count}\n" for path, count in sorted(counts.items())))


def _read(known: Path) -> dict[str, int]:
    if not known.exists():
        return {}
    lines = (line.rsplit(" ", 1) for line in known.read_text().splitlines())
    return {path: int(count) for path, count in lines}
