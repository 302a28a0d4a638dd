"""Reading and writing handlers with 1,000 and 100,000 enablements, against their floors.

Run as a separate module, it prints the memory growth in bytes of reading a file.
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
        definition = handler(size)
        file = "".join(write(definition)).encode()
        print(f"\n{size:,} enablements, {len(file) // size} bytes each")
        _read(file, rounds)
        _write(definition, rounds)
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


def _write(definition: HandlerDefinition, rounds: int) -> None:
    def floor() -> None:
        for each in definition.enablements:
            f"<a>{each.run_as}</a><b>{each.connected_app}</b><c>{each.is_default}</c>"

    _print("write", lambda: sum(map(len, write(definition))), {"formatting": floor}, rounds)


def _print(
    name: str, ours: Callable, floors: dict[str, Callable[[], object]], rounds: int
) -> None:
    """Time all functions in turn. The ratios are medians over the rounds."""
    taken: dict[str, list[float]] = {"ours": [], **{name: [] for name in floors}}
    for _ in range(rounds):
        for key, do in {"ours": ours, **floors}.items():
            gc.collect()
            start = time.process_time()
            do()
            taken[key].append(time.process_time() - start)
    line = f"{name:5} {statistics.median(taken['ours']) * 1e3:8.1f} ms"
    for floor in floors:
        pairs = zip(taken["ours"], taken[floor], strict=True)
        ratio = statistics.median(one / other for one, other in pairs)
        line += f"   / {floor} {statistics.median(taken[floor]) * 1e3:.1f} ms = {ratio:.2f}"
    print(line)


def _parse(file: bytes) -> None:
    """Run only the parser, with callbacks that do nothing."""
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
    """Return this process's peak memory; getrusage() would include its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    begin = peak()
    with Path(sys.argv[1]).open("rb") as source:
        document = read(HandlerDefinition, source)
    print(peak() - begin)
