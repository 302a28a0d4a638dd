"""Reading and writing handlers of 1,000 and 100,000 enablements, beside their floors.

Run as a module of its own, it prints by how many bytes reading a file makes it grow.
"""

import gc
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from tokenx.metadata.format.definitions import EnablementDefinition, HandlerDefinition
from tokenx.metadata.format.reader import read, write

try:
    from lxml import etree
except ImportError:
    etree = None

SIZES = [1_000, 100_000]
MEMORY_BAR = 20_000_000


def handler(size: int) -> HandlerDefinition:
    return HandlerDefinition(
        developer_name="MyTokenExchangeHandler",
        label="My Token Exchange Handler",
        description="",
        apex_class="MyOauthTokenExchangeHandler",
        is_enabled=True,
        supports_access_token=True,
        supports_id_token=False,
        supports_jwt=True,
        supports_refresh_token=False,
        supports_saml2=False,
        allows_user_creation=False,
        enablements=tuple(
            EnablementDefinition(
                run_as=f"bot{number % 50}@x.example",
                connected_app=f"App_{number}",
                is_default=number % 2 == 0,
            )
            for number in range(size)
        ),
    )


def run(rounds: int) -> None:
    for size in SIZES:
        made = handler(size)
        file = "".join(write(made)).encode()
        print(f"\n{size:,} enablements, {len(file) // size} bytes each")
        _read(file, rounds)
        _write(made, rounds)
        with tempfile.NamedTemporaryFile() as target:
            target.write(file)
            target.flush()
            grown = int(_growth(target.name))
        print(f"reading makes memory grow by {grown / 1e6:.1f} MB   bar {MEMORY_BAR / 1e6}")


def _read(file: bytes, rounds: int) -> None:
    floors = {"expat": lambda: _parse(file)}
    if etree:
        floors["lxml"] = lambda: etree.fromstring(file)
    _print("read", lambda: read(HandlerDefinition, io.BytesIO(file)), floors, rounds)


def _write(made: HandlerDefinition, rounds: int) -> None:
    def floor() -> None:
        for each in made.enablements:
            f"<a>{each.run_as}</a><b>{each.connected_app}</b><c>{each.is_default}</c>"

    _print("write", lambda: sum(map(len, write(made))), {"formatting": floor}, rounds)


def _print(
    what: str, ours: Callable, floors: dict[str, Callable[[], object]], rounds: int
) -> None:
    """Time all of them in turn; the ratios are medians over the rounds."""
    taken: dict[str, list[float]] = {"ours": [], **{name: [] for name in floors}}
    for _ in range(rounds):
        for name, do in {"ours": ours, **floors}.items():
            gc.collect()
            start = time.process_time()
            do()
            taken[name].append(time.process_time() - start)
    line = f"{what:5} {statistics.median(taken['ours']) * 1e3:8.1f} ms"
    for name in floors:
        pairs = zip(taken["ours"], taken[name], strict=True)
        ratio = statistics.median(one / other for one, other in pairs)
        line += f"   / {name} {statistics.median(taken[name]) * 1e3:.1f} ms = {ratio:.2f}"
    print(line)


def _parse(file: bytes) -> None:
    """The parser alone: handlers that are called, and do nothing."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: None
    parser.EndElementHandler = lambda name: None
    parser.CharacterDataHandler = lambda text: None
    parser.ParseFile(io.BytesIO(file))


def _growth(path: str) -> str:
    command = [sys.executable, "-m", "tests.benchmarks.metadata", path]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def peak() -> int:
    """The most memory that this process had; getrusage() would begin with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    begin = peak()
    with Path(sys.argv[1]).open("rb") as source:
        document = read(HandlerDefinition, source)
    print(peak() - begin)
