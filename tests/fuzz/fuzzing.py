"""The shared part of the fuzz scripts: call a check with bytes until it fails.

With atheris (`pip install atheris`; no other test needs it), code coverage guides the
input. Without it, the input is samples with random damage. A check also fails if it takes
too long or too much memory. Failing input is saved in a file next to the scripts, to become
a sample or a test.

`--corpus FOLDER` keeps input that gives a new result, and starts with what the folder has.
A run can go on where an earlier one stopped.
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
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MAX_SIZE = 4096
# A few kilobytes take milliseconds. Python and atheris take most of the memory.
MAX_SECONDS = 2
MAX_MEGABYTES = 512

sys.path.insert(0, str(ROOT))

try:
    import atheris
except ImportError:
    atheris = None

# The result names the kind of outcome, to tell input apart that is worth keeping.
Check = Callable[[bytes], object]


def instrumented() -> AbstractContextManager:
    """Return a context manager for imports of the fuzzed modules."""
    if atheris is None:
        return nullcontext()
    return atheris.instrument_imports(
        include=[
            "tokenx.api.soap",
            "tokenx.apex",
            "tokenx.metadata",
            "tokenx.soql",
            "zipfile",
        ]
    )


def fuzz(check: Check, samples: Sequence[bytes], words: Sequence[bytes]) -> None:
    """Check samples and variations of them. Such files consist of the words."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10_000)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    def checked(data: bytes) -> object:
        try:
            begin = time.process_time()
            result = check(data)
            assert time.process_time() - begin < MAX_SECONDS, "The check takes too long."
        except BaseException:
            print(f"\nSaved in {_save(data)}", file=sys.stderr)
            raise
        return result

    run = _mutate if atheris is None else _run_atheris
    with ExitStack() as stack:
        folder = options.corpus or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        run(checked, samples, words, options.seconds, options.seed, folder)


def _save(data: bytes) -> Path:
    path = HERE / f"{Path(sys.argv[0]).stem}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


def _run_atheris(
    check: Check,
    samples: Sequence[bytes],
    words: Sequence[bytes],
    seconds: int,
    seed: int,
    corpus: Path,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # atheris adds input that reaches new code to the samples in the corpus.
        for number, sample in enumerate(samples):
            (corpus / str(number)).write_bytes(sample)
        quoted = ("".join(f"\\x{byte:02x}" for byte in word) for word in words)
        Path(folder, "words").write_text("".join(f'"{word}"\n' for word in quoted))
        limits = [
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-max_len={MAX_SIZE}",
            # Use whole samples from the start, including those that reach no new code.
            "-len_control=0",
            "-keep_seed=1",
            f"-rss_limit_mb={MAX_MEGABYTES}",
            f"-dict={folder}/words",
            f"-artifact_prefix={folder}/",
        ]
        atheris.Setup(
            [sys.argv[0], *limits, str(corpus)], lambda data: check(data) and None
        )
        atheris.Fuzz()


def _mutate(
    check: Check,
    samples: Sequence[bytes],
    words: Sequence[bytes],
    seconds: int,
    seed: int,
    corpus: Path,
) -> None:
    size = MAX_MEGABYTES * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    rng = random.Random(seed)
    kept = [*samples, *(path.read_bytes() for path in sorted(corpus.iterdir()))]
    results = {check(data) for data in kept}
    count, until = 0, time.process_time() + seconds
    while time.process_time() < until:
        data = _mutated(rng.choice(kept), words, rng)[:MAX_SIZE]
        if (result := check(data)) not in results:
            results.add(result)
            kept.append(data)
            (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        count += 1
    print(f"{count:,} files with seed {seed}; none failed. {len(kept):,} samples.")


def _mutated(data: bytes, words: Sequence[bytes], rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        begin = rng.randint(0, len(changed))
        end = min(len(changed), begin + rng.choice([0, 0, 1, 2, 8, 60]))
        source = rng.randint(0, len(changed))
        piece = rng.choice(
            [
                b"",
                rng.choice(words),
                rng.randbytes(rng.randint(1, 4)),
                bytes(changed[source : source + rng.randint(1, 200)]),
            ]
        )
        changed[begin:end] = piece
    return bytes(changed)
