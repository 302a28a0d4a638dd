"""What the fuzz scripts share: they feed a check with bytes, until one makes it fail.

With atheris (`pip install atheris`; no other test needs it), the bytes are led by what
they reach in tokenx.metadata; without it, they are samples, damaged at random. A check
that takes too long, or too much memory, has failed as well. What fails is left in a file
beside the scripts, to become a sample or a test.
"""

import argparse
import hashlib
import random
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MAX_SIZE = 4096
# A few kilobytes take milliseconds, and Python and atheris themselves most of the memory.
MAX_SECONDS = 2
MAX_MEGABYTES = 512

sys.path.insert(0, str(ROOT))

try:
    import atheris
except ImportError:
    atheris = None

Check = Callable[[bytes], None]


def instrumented() -> AbstractContextManager:
    """Around the imports of what is fuzzed."""
    if atheris is None:
        return nullcontext()
    return atheris.instrument_imports(include=["tokenx.metadata", "zipfile"])


def fuzz(check: Check, samples: Sequence[bytes], words: Sequence[bytes]) -> None:
    """Check samples, and what becomes of them; words are what such files are made of."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10_000)
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    def checked(data: bytes) -> None:
        try:
            begin = time.process_time()
            check(data)
            assert time.process_time() - begin < MAX_SECONDS, "It takes too long."
        except BaseException:
            print(f"\nLeft in {_keep(data)}", file=sys.stderr)
            raise

    run = _mutate if atheris is None else _lead
    run(checked, samples, words, options.seconds, options.seed)


def _keep(data: bytes) -> Path:
    path = HERE / f"{Path(sys.argv[0]).stem}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


def _lead(
    check: Check, samples: Sequence[bytes], words: Sequence[bytes], seconds: int, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # What leads to new places is written there, beside the samples.
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for number, sample in enumerate(samples):
            (corpus / str(number)).write_bytes(sample)
        quoted = ("".join(f"\\x{byte:02x}" for byte in word) for word in words)
        Path(folder, "words").write_text("".join(f'"{word}"\n' for word in quoted))
        limits = [
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-max_len={MAX_SIZE}",
            # From the first on whole samples, also those that reach nothing of their own.
            "-len_control=0",
            "-keep_seed=1",
            f"-rss_limit_mb={MAX_MEGABYTES}",
            f"-dict={folder}/words",
            f"-artifact_prefix={folder}/",
        ]
        atheris.Setup([sys.argv[0], *limits, str(corpus)], check)
        atheris.Fuzz()


def _mutate(
    check: Check, samples: Sequence[bytes], words: Sequence[bytes], seconds: int, seed: int
) -> None:
    size = MAX_MEGABYTES * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    chance = random.Random(seed)
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        check(_mutated(chance.choice(samples), words, chance))
        count += 1
    print(f"{count:,} files with seed {seed}; none failed.")


def _mutated(data: bytes, words: Sequence[bytes], chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        begin = chance.randint(0, len(changed))
        end = min(len(changed), begin + chance.choice([0, 0, 1, 2, 8, 60]))
        source = chance.randint(0, len(changed))
        piece = chance.choice(
            [
                b"",
                chance.choice(words),
                chance.randbytes(chance.randint(1, 4)),
                bytes(changed[source : source + chance.randint(1, 200)]),
            ]
        )
        changed[begin:end] = piece
    return bytes(changed)
