"""A run directory: what was to be read, with what, and the shards that have been.

`manifest.json` says what the run is of, `plan.jsonl` its shards in order, and `shards/000012.parquet` is there when that shard has been
read: it is written under another name and renamed. A run that was cut off goes on with what is missing, and gives the same rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector import models, policy
from detector.batch import plan
from detector.batch.cluster import MARK, Cluster
from detector.batch.crew import Tell, tell_nobody
from detector.batch.messages import Setup
from detector.batch.plan import Shard
from detector.batch.pool import Pool
from detector.mailboxes import open_sources
from detector.records import DetectorError
from detector.report.output import PART, open_private, open_whole

if TYPE_CHECKING:
    from detector.batch.rows import Row

FORMAT = 1
MANIFEST, PLAN, SHARDS, LOCK = "manifest.json", "plan.jsonl", "shards", "lock"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is made with."""

    policy: Path | None = None
    models: Path | None = None
    show_values: bool = False
    isolated: bool = True
    ocr: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """A run directory that has been opened."""

    folder: Path
    manifest: Json = field(repr=False)

    @property
    def shards(self) -> list[Shard]:
        """All shards, in order."""
        lines = (self.folder / PLAN).read_text("utf-8").splitlines()
        return [plan.of_json(json.loads(line)) for line in lines]

    def path(self, shard: Shard) -> Path:
        """Where a shard's rows are, once it has been read."""
        return self.folder / SHARDS / shard.file

    def missing(self) -> list[Shard]:
        """The shards that have not been read."""
        return [shard for shard in self.shards if not self.path(shard).exists()]

    def rows(self, *, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """The rows of the shards that have been read, in order; all columns or some. Raises DetectorError where a file is damaged."""
        from detector.batch import rows

        for shard in self.shards:
            if self.path(shard).exists():
                try:
                    yield from rows.read(self.path(shard), columns=columns)
                except (OSError, ValueError) as error:  # pyarrow's own errors are among them
                    name = type(error).__name__
                    raise DetectorError(f"{self.path(shard)}: cannot be read ({name}); delete it, and resume the run") from None


def prepare(folder: Path, sources: Sequence[Path], options: Options) -> Run:
    """The run in `folder`: begun, where there is none, or the one that is there, where it is of the same sources and options.

    Raises DetectorError where the folder holds something else, or a run of something else.
    """
    if (folder / MANIFEST).exists():
        run = load(folder)
        _compare(run, sources, options)
        return run
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DetectorError(f"{folder} is there, and is no run directory. Name a new one.")
    (folder / SHARDS).mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    opened = open_sources([path.absolute() for path in sources])  # workers stand elsewhere, and so may who goes on with it
    shards = list(plan.plan(opened))
    _write(folder / PLAN, "".join(json.dumps(plan.to_json(shard)) + "\n" for shard in shards))
    counts = [shard.count for shard in shards]
    manifest = {
        "format": FORMAT, "sources": [_source(path) for path in sources], "options": _options(options), "key": secrets.token_hex(16),
        "shards": len(shards), "items": None if None in counts else sum(count or 0 for count in counts),
    }  # fmt: skip
    _write(folder / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return Run(folder, manifest)


def load(folder: Path) -> Run:
    """The run in a folder. Raises DetectorError where there is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        raise DetectorError(f"{folder} is no run directory ({MANIFEST} is missing or damaged).") from None
    if manifest.get("format") != FORMAT:
        raise DetectorError(f"{folder} was made by another version of detector (format is not {FORMAT}).")
    return Run(folder, manifest)


def go_on(
    run: Run, *, workers: int = 0, cluster: str | None = None, on_item: Callable[[], None] = lambda: None, tell: Tell = tell_nobody
) -> None:
    """Reads the shards that are missing, by processes here or on the Ray cluster at that address; 0 workers are one a processor.

    Raises DetectorError where another process is at it, or workers cannot be started.
    """
    setup = _setup(run)
    with _lock(run.folder):
        for ending in (PART, MARK):
            for left in (run.folder / SHARDS).glob(f"*{ending}"):
                left.unlink(missing_ok=True)
        crew = Pool(setup, workers, on_item=on_item, tell=tell) if cluster is None else \
            Cluster(setup, workers, address=cluster, on_item=on_item, tell=tell)
        missing = run.missing()
        for done, (shard, flagged) in enumerate(crew.run(missing), 1):
            tell("shard_done", shard=shard.number, flagged=flagged, done=done, of=len(missing))


def _setup(run: Run) -> Setup:
    options = run.manifest["options"]
    told = {name: options[name] for name in ("policy", "models", "show_values", "isolated", "ocr")}
    versions = {name: options[f"{name}_version"] for name in ("detector", "models", "policy")}
    return Setup(str((run.folder / SHARDS).resolve()), run.manifest["key"], **told, versions=versions)


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One process at a time; the lock is the system's, and ends with it."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with open_private(folder / LOCK) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DetectorError(f"{folder} is being worked on by another process.") from None
        yield


def _compare(run: Run, sources: Sequence[Path], options: Options) -> None:
    if sources and run.manifest["sources"] != [_source(path) for path in sources]:
        raise DetectorError(f"{run.folder} is a run over other sources, or they have changed since. Name a new directory.")
    if run.manifest["options"] != _options(options):
        raise DetectorError(f"{run.folder} was begun with another policy, other models or options. Name a new directory.")


def _source(path: Path) -> Json:
    """What a source is known again by."""
    try:
        known = path.stat()
    except OSError as error:
        raise DetectorError(f"{path} cannot be read: {error.strerror}.") from None
    return {"path": str(path.resolve()), "size": None if path.is_dir() else known.st_size, "modified": known.st_mtime_ns}


def _options(options: Options) -> Json:
    """Those of a run, with the versions and the digests of what it is made with."""
    root = models.check(options.models)
    rules = policy.load(options.policy)
    text = options.policy.read_bytes() if options.policy else b""
    return {
        **{name: str(value.resolve()) if isinstance(value, Path) else value for name, value in asdict(options).items()},
        "detector_version": version("detector"), "models_version": models.version(root), "policy_version": f"{rules.name}/{rules.version}",
        "policy_digest": hashlib.sha256(text).hexdigest(),
    }  # fmt: skip


def _write(path: Path, text: str) -> None:
    with open_whole(path) as file:
        file.write(text.encode("utf-8", "surrogateescape"))
