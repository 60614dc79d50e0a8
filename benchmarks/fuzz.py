"""Fuzzing of what reads hostile bytes: `mime.parse` and every format, in this process, for a bounded time.

    python -m benchmarks.fuzz                          every target for three seconds each
    python -m benchmarks.fuzz rtf doc --seconds 600    two of them, for longer
    python -m benchmarks.fuzz --list                   the names of the targets

Needs the extra: pip install '.[fuzz]'. The targets, and what is promised, are in tests/fuzz_targets.py; they start from the inputs in
tests/fuzz and from a file of each kind that the tests build. Where a promise is broken, the input is left in `--findings` and its path is
printed: mend the code, and put the input (as small as it gets, no more than a few KB) into tests/fuzz/TARGET, where a test replays it.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
INPUT_BYTES = 65_536
HANG_SECONDS = 60
NATIVE = frozenset({"sheets", "pdf", "7z", "rar", "picture"})
"""Read by calamine, PDFium, libarchive and tesseract. Where one of those crashes, that is said and breaks no promise of ours: isolation
keeps it from a scan, and nothing keeps it from this process."""
UNCAUGHT = "Uncaught Python exception"
"""What Atheris says of a promise that did not hold."""
MEMORY_BYTES = 3_000_000_000
"""Of address space, so that an input on which memory swells costs its target alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzzes each target in a fork of this process; 1 where a promise was broken, 2 where Atheris is not installed."""
    try:
        import atheris
    except ImportError:
        print("Fuzzing needs Atheris: pip install '.[fuzz]'", file=sys.stderr)
        return 2
    sys.path.insert(0, str(TESTS))
    with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(include=["detector"], enable_loader_override=False):
        import fuzz_targets
    options = parse(arguments, list(fuzz_targets.targets()))
    if options.list:
        print(*fuzz_targets.targets(), sep="\n")
        return 0
    options.findings.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seed(Path(folder), options.targets)
        broken = [name for name in options.targets if not is_kept(name, Path(folder) / name, options)]
    print(f"{len(options.targets)} targets, {len(broken)} broken{': ' if broken else ''}{', '.join(broken)}")
    return 1 if broken else 0


def parse(arguments: Sequence[str] | None, names: list[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="names of --list; default: all")
    parser.add_argument("--list", action="store_true", help="list the targets")
    parser.add_argument("--seconds", type=int, default=3, metavar="N", help="of each target (default: 3)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the changes (default: another one each time)")
    parser.add_argument("--findings", type=Path, default=Path("work-fuzz"), metavar="FOLDER", help="where what breaks a promise is left")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the inputs that reached new code here")
    options = parser.parse_args(arguments)
    if unknown := set(options.targets) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    options.targets = options.targets or names
    return options


def seed(folder: Path, names: Iterable[str]) -> None:
    """A folder for each target, with files that are sound to begin with."""
    from built_files import samples
    from fuzz_targets import CORPUS, seeds

    built = samples()
    for name in names:
        (folder / name).mkdir()
        for data in (*seeds(name, built), *(path.read_bytes() for path in (CORPUS / name).glob("*"))):
            if len(data) <= INPUT_BYTES:
                (folder / name / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def is_kept(name: str, inputs: Path, options: argparse.Namespace) -> bool:
    """Whether the promise of a target held for the whole time; what libFuzzer says is shown where it did not."""
    begun = time.monotonic()
    sys.stdout.flush()
    log = inputs.with_suffix(".log")
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT, 0o600), sys.stderr.fileno())
        fuzz(name, inputs, options)
    _, status = os.waitpid(pid, 0)
    said = log.read_text("utf-8", "replace")
    count = re.search(r"executed_units: *(\d+)", said)
    if status and name in NATIVE and UNCAUGHT not in said:
        print(f"{name:14} crashed in a reader of others, {time.monotonic() - begun:.0f} s", flush=True)
        return True
    if status:
        print(*said.splitlines()[-40:], sep="\n")
    verdict = f"{count[1] if count else '?'} inputs" if status == 0 else "BROKEN"
    print(f"{name:14} {verdict}, {time.monotonic() - begun:.0f} s", flush=True)
    return status == 0


def fuzz(name: str, inputs: Path, options: argparse.Namespace) -> None:
    """Never returns: libFuzzer ends the process."""
    import atheris
    from fuzz_targets import targets

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    kept = options.keep / name if options.keep else inputs
    kept.mkdir(parents=True, exist_ok=True)
    flags = {
        "max_total_time": options.seconds, "timeout": HANG_SECONDS, "rss_limit_mb": 1_500, "max_len": INPUT_BYTES, "seed": options.seed,
        "artifact_prefix": f"{options.findings}/{name}-", "print_final_stats": 1,
    }  # fmt: skip
    folders = dict.fromkeys((str(kept), str(inputs)))
    atheris.Setup([sys.argv[0], *(f"-{flag}={value}" for flag, value in flags.items()), *folders], targets()[name])
    atheris.Fuzz()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
