"""How fast the gate and the encoder read by themselves, on one thread, and what they let pass.

    python -m benchmarks.encoder [--corpus corpora/passages]

Reads the test split. The gate: megabytes of text a second, the share of lines that it lets pass, of those in which the encoder finds
something, and of those that tell something; what is read at last, around what tells something, is in `benchmarks/categories.md`. The
encoder: tokens a second of whole windows, all layers. A row goes into `benchmarks/encoder.md`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import argparse
import datetime
import time
from pathlib import Path

import numpy as np

from benchmarks import table
from detector import Scanner, models, pipeline, windows
from detector.recognizers.gate import FILE, FOLDER, Gate
from detector.training import lines as corpus
from detector.training import looks
from models.gate import threshold

TABLE = Path(__file__).with_suffix(".md")
COLUMNS = ("date", "models", "lines", "gate MB/s", "let pass", "of what the encoder finds", "of what is told", "encoder tokens/s",
           "glances stop")
INTRO = """# Gate and encoder

Made by `python -m benchmarks.encoder` on the test split of `corpora/passages`, one thread. Found by the encoder: a category about a \
person at 0.3 or more. The gate reads the split twice: at first, and (since 2026.12.01) again with words it has met, as in a large \
mailbox. Let pass: from 2026.11.30.2 to 2026.12.01 with the line before each, which was read too; since then more are read around what \
tells something ([categories.md](categories.md)). The glances stop documents after some of the layers; the tokens a second are of all \
layers."""
WINDOWS = 400
"""That the encoder's speed is measured on."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", type=Path, default=Path("corpora/passages"))
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    test = corpus.split(corpus.load(chosen.corpus))["test"]
    row = (datetime.datetime.now(datetime.UTC).date(), models.version(), len(test), *gate_figures(test), *encoder_figures(test))
    print(table.line(row))
    if not chosen.no_row:
        table.append(TABLE, INTRO, COLUMNS, [row])


def gate_figures(test: list[corpus.Line]) -> tuple[str, ...]:
    """Megabytes a second, at first and again; shares of lines read: of all, of those the encoder finds something in, of those that tell
    something."""
    gate, nlp = Gate.load(models.check(None) / FOLDER / FILE), Scanner.load().nlp
    texts = threshold.texts_of(test)
    seconds = []
    for read in (texts[:50], texts, texts):
        started = time.process_time()
        scores = gate.scores(read)
        seconds.append(time.process_time() - started)
    size = sum(len(line.encode()) for _, lines in texts for line in lines) / 1e6
    is_read = np.concatenate(scores) >= gate.threshold
    is_found, is_told = looks.finds(looks.seen(test, nlp)), threshold.told(test)
    shares = is_read.mean(), is_read[is_found].mean(), is_read[is_told].mean()
    return " / ".join(f"{size / each:.1f}" for each in seconds[1:]), *(f"{share:.3f}" for share in shares)


def encoder_figures(test: list[corpus.Line]) -> tuple[str, str]:
    """Tokens a second, and the share of windows in which a glance sees nothing."""
    nlp = Scanner.load().nlp
    encoder = nlp.get_pipe(pipeline.NAME)
    docs, _ = looks.as_docs(test, nlp)
    read = [window for doc in docs for window in windows.of_doc(doc, encoder.tokenizer)][:: max(1, len(docs) // WINDOWS)]
    rows = [window.ids for window in read]
    encoder.states(rows[0])
    started = time.process_time()
    for row in rows:
        encoder.states(row)
    seconds = time.process_time() - started
    glances = [encoder.highest(encoder(doc).user_data["reading"].early).max(0, initial=-np.inf) for doc in docs]
    stopped = sum(bool((odds < encoder.thresholds).any()) for odds in glances)
    return f"{sum(map(len, rows)) / seconds:.0f}", f"{stopped / len(docs):.3f}"


if __name__ == "__main__":
    main()
