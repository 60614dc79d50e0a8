"""The whole of it: labelled lines and a folder of models in, a new folder of models out, with what changed."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detector import models, pipeline
from detector.records import DetectorError
from detector.training.measure import Figures

CLASSIFIER = "categories"
"""Its folder among the trained files."""


@dataclass(frozen=True, slots=True)
class Change:
    """What refitting changed, on the lines of test."""

    before: Figures
    after: Figures
    thresholds: dict[str, float]
    lines: int
    """How many of those there are."""
    out: Path
    version: str
    """Of the new folder of models."""


def refit(corpora: Sequence[Path], out: Path, *, base: Path | None = None) -> Change:
    """Writes the models of `base` (default: the shipped ones) to the new folder `out`, their classifier fitted again on `corpora`.

    Files or folders of labelled lines, as `corpora/GUIDE.md` says. Raises DetectorError.
    """
    root = models.check(base)
    if out.exists() and any(out.iterdir()):
        raise DetectorError(f"{out}: is not empty; give a new folder")
    try:
        from detector.training import classifier
    except ImportError as error:
        raise DetectorError(f"{error.name} is not installed; training needs the extra: pip install '.[train]'") from None
    splits = classifier.load(corpora)
    import spacy

    from detector.recognizers.categories import Classifier

    nlp = spacy.load(root / pipeline.FOLDER)
    labels = nlp.get_pipe(pipeline.NAME).categories  # type: ignore[attr-defined]
    dev, test = (classifier.read(splits[name], nlp) for name in ("dev", "test"))
    fitted = classifier.fit(splits["train"], dev, labels)
    shutil.copytree(root, out, dirs_exist_ok=True)
    classifier.save(fitted, out / CLASSIFIER)
    version = f"{models.version(root)}+{datetime.datetime.now(datetime.UTC):%Y%m%d%H%M}"
    models.publish(out, version)
    before, after = (classifier.tried(Classifier.load(folder / CLASSIFIER), test, labels) for folder in (root, out))
    return Change(before, after, fitted.thresholds, len(test.lines), out, version)
