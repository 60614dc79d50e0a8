"""The race against other ways to find personal data in mail: same mails, same machine, same policy, one process after the other.

    pip install '.[benchmarks]'
    python -m benchmarks.peers --shared ../shared [--limit N]

Rows go into `benchmarks/peers.md`. Mails: the example mails (`benchmarks/eval.py`) for the decisions, and the SpamAssassin corpus
(`benchmarks/speed.py`) for speed, memory and ham; with `--limit`, so many of its messages evenly spread, the same for every reader.

Readers
- `detector`: `Scanner.load().scan`, as it is shipped.
- `presidio`: presidio-analyzer with the project's spaCy pipeline as its engine (see `presidio.py`).
- `presidio, no names`: the same with a tokenizer in the pipeline's place, so that what the encoder costs is seen.
- `keywords`: the word lists and numbers shaped like CPR numbers, with a threshold (see `readers.py`).
- `os2ds-rules`: CPR numbers only; how well it finds these alone stands in `cpr.md`.
- `nothing found`: what reading the mail takes, and what the decisions are worth where nothing is found.

What was done for fairness
- A peer gets text, not bytes: the standard library takes the mail apart, and the project's readers turn HTML and attachments into
  paragraphs and rows, in the peer's own process, which is faster than the processes apart that `detector` reads in. That time is in
  everybody's figures; the row `nothing found` says how much it is.
- A peer's findings go through the project's policy, with its recipients, subject tags, encrypted mails and unread parts.
- Persons are the distinct CPR numbers, and the distinct names beside other confidential data, names joined as the project joins them
  ("Mette" is "Mette Lund Hansen"). Findings without either count as one person.
- Models and lists are loaded, and one mail is read, before the clock starts.
- Nothing was set by the example mails or the corpus: thresholds, context words and list of entities are common sense, and stated.

Peak memory is the most that was resident (VmHWM; getrusage would count what a process had before it became this program), that of
processes started by it apart.
"""
