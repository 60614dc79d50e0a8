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


@dataclass(frozen=True, slots=True)
class Change:
    """What refitting changed, on the lines of test."""

    before: Figures
    after: Figures
    thresholds: dict[str, float]
    beside: float
    """The threshold in documents of which a line reaches its own."""
    lines: int
    """How many of those there are."""
    out: Path
    version: str
    """Of the new folder of models."""


def refit(corpora: Sequence[Path], out: Path, *, base: Path | None = None, other: str | None = None) -> Change:
    """Writes the models of `base` (default: the shipped ones) to the new folder `out`, their classifier fitted again on `corpora`.

    Files or folders of labelled lines, as `corpora/GUIDE.md` says. `other` is the name or folder of a spaCy pipeline that takes the place
    of the encoder: it names persons, and lines are read by heads fitted on its vectors. Raises DetectorError.
    """
    root = models.check(base)
    if out.exists() and any(out.iterdir()):
        raise DetectorError(f"{out}: is not empty; give a new folder")
    try:
        from detector.training import classifier, looks, standin
    except ImportError as error:
        raise DetectorError(f"{error.name} is not installed; training needs the extra: pip install '.[train]'") from None
    splits = classifier.load(corpora)
    import spacy

    from detector.recognizers import gate
    from detector.recognizers.categories import FOLDER, Classifier
    from detector.recognizers.gate import Gate

    shipped = spacy.load(root / pipeline.FOLDER)
    nlp = standin.fitted(other, splits["train"]) if other else shipped
    which_lines = Gate.load(root / gate.FOLDER / gate.FILE)
    dev, test = (looks.read(splits[name], nlp, which_lines) for name in ("dev", "test"))
    fitted = classifier.fit(splits["train"], dev, pipeline.categories_of(nlp))
    shutil.copytree(root, out, dirs_exist_ok=True)
    classifier.save(fitted, out / FOLDER)
    if other:
        shutil.rmtree(out / pipeline.FOLDER)
        nlp.to_disk(out / pipeline.FOLDER)
    version = f"{models.version(root)}+{datetime.datetime.now(datetime.UTC):%Y%m%d%H%M}"
    models.publish(out, version)
    old = classifier.tried(Classifier.load(root / FOLDER), looks.read(splits["test"], shipped, which_lines) if other else test, shipped)
    new = classifier.tried(Classifier.load(out / FOLDER), test, nlp)
    thresholds = classifier.by_category(fitted.thresholds)
    return Change(old, new, thresholds, fitted.thresholds.beside, len(test.lines), out, version)
