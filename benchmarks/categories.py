"""How well sentences are judged, against keyword lists and TF-IDF, on the corpora's test split.

    pip install '.[train]'
    python -m benchmarks.categories --shared ../shared [--no-row]

The reader in use reads each line in its context; and once more as it reads mail: what the gate lets through, and all that stands around
what tells something. Keywords: a line that holds a word of a category's lists. TF-IDF: words and pairs of words with a logistic
regression, fitted on train, its threshold set on dev. Rows go into `benchmarks/categories.md`.
"""

from __future__ import annotations

import argparse
import datetime
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from benchmarks import keywords as word_lists
from benchmarks import table
from detector import Scanner, models
from detector.recognizers import gate
from detector.recognizers.categories import FOLDER, Classifier
from detector.recognizers.gate import Gate
from detector.training import classifier, looks, measure
from detector.training import lines as corpus
from detector.training.lines import JUDGED, Line

TABLE = Path(__file__).with_suffix(".md")
COLUMNS = ("date", "models", "reader", "language", "category", "lines", "precision", "recall explicit", "recall implicit", "F1",
           "topic lines flagged", "plain lines flagged", "telling lines read")
INTRO = """# Categories about a person

Made by `python -m benchmarks.categories --shared ../shared` on the test split of `corpora/passages`: the reader in use, by language \
and category; TF-IDF with logistic regression; keyword lists. "all": the mean of the 13 categories, and the share of lines wrongly flagged \
that only touch a topic or hold nothing. The detector reads every line; "as mail", it reads the lines that the gate lets through, and all \
that stands around what tells something: "telling lines read" is the share of those that tell something of a person."""
AS_MAIL = "detector, as mail"


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--corpus", type=Path, default=Path("corpora/passages"))
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    splits = corpus.split(corpus.load(chosen.corpus))
    test = [line for group in corpus.documents(splits["test"]) for line in group]
    found, as_mail, is_read = detector(test)
    readers = {
        "detector": found,
        AS_MAIL: as_mail,
        "TF-IDF": tf_idf(splits, test),
        "keywords": keywords(chosen.shared / "data" / "lists", test),
    }
    rows = [row for reader, guessed in readers.items() for row in rows_of(reader, guessed, test, is_read)]
    for row in rows:
        print(table.line(row))
    if not chosen.no_row:
        table.append(TABLE, INTRO, COLUMNS, rows)


def detector(test: Sequence[Line]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the reader in use finds where it reads every line, and as mail, each (lines, categories); and which lines it reads as mail."""
    nlp = Scanner.load().nlp
    part = looks.read(test, nlp, Gate.load(models.folder() / gate.FOLDER / gate.FILE))
    assert part.lines == list(test), "the lines are read in another order"
    judge = Classifier.load(models.folder() / FOLDER)
    first, again = classifier.log_odds(judge, part, nlp)
    as_mail = part.odds(first, again)
    return *(classifier.reached(judge, odds, part) for odds in (again, as_mail)), (as_mail > looks.NOT_READ).any(1)


def tf_idf(splits: dict[str, list[Line]], test: Sequence[Line]) -> np.ndarray:
    """The plain way: words and pairs of words of the line with what stands before it, one logistic regression a category."""

    def texts(lines: Sequence[Line]) -> list[str]:
        return [f"{line.text} {line.before}" for line in lines]

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    model = OneVsRestClassifier(LogisticRegression(C=10.0, class_weight="balanced", solver="liblinear", random_state=classifier.SEED))
    model.fit(vectorizer.fit_transform(texts(splits["train"])), measure.wanted(splits["train"]).astype(int))
    scores = model.predict_proba(vectorizer.transform(texts(splits["dev"])))
    grid = np.arange(0.1, 0.95, 0.05)
    threshold = max(grid, key=lambda t: measure.figures(scores >= t, splits["dev"]).macro_f1)
    found: np.ndarray = model.predict_proba(vectorizer.transform(texts(test))) >= threshold
    return found


def keywords(lists: Path, test: Sequence[Line]) -> np.ndarray:
    """Whether a line holds a word of a category's lists."""
    words = word_lists.load(lists, JUDGED)
    most = max(len(word.split()) for known in words.values() for word in known)
    return np.array([[not known.isdisjoint(_runs(line.text, most)) for known in words.values()] for line in test])


def _runs(text: str, most: int) -> Iterator[str]:
    words = re.findall(r"\w+", text.lower())
    return (" ".join(words[n : n + length]) for n in range(len(words)) for length in range(1, min(most, 6) + 1))


def rows_of(reader: str, guessed: np.ndarray, test: Sequence[Line], is_read: np.ndarray) -> Iterator[tuple[object, ...]]:
    """Rows of the table: for the reader in use each category too, and of mail what it reads (`is_read`)."""
    today = datetime.datetime.now(datetime.UTC).date()
    is_told = measure.wanted(test).any(1)
    for language in ("da", "en", "all"):
        chosen = [n for n, line in enumerate(test) if language in ("all", line.lang)]
        got = measure.figures(guessed[chosen], [test[n] for n in chosen])
        start = (today, models.version(), reader, language)
        if reader == "detector":
            for category, score in got.scores.items():
                yield (*start, category, score.lines, *_cells(score.precision, score.explicit, score.implicit, score.f1), "", "")
        shares = got.explicit, got.implicit, got.macro_f1, got.topic, got.plain
        read = (is_read[chosen][is_told[chosen]].mean(),) if reader == AS_MAIL else ()
        yield (*start, "all", len(chosen), "", *_cells(*shares, *read))


def _cells(*shares: float) -> tuple[str, ...]:
    return tuple(f"{share:.3f}" for share in shares)


if __name__ == "__main__":
    main()
