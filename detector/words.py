"""The words that the shipped spaCy pipeline cuts a text into: runs of letters and digits, each sign, each blank that follows no word.

spaCy's own tokenizer looks for exceptions, affixes and addresses that no component of the pipeline asks for; it takes four times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from spacy.tokens import Doc
from spacy.util import DummyTokenizer, registry

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.vocab import Vocab

NAME = "detector_words"
WORD = re.compile(r"(\w+|[^\w\s]|\s)( ?)")


class Words(DummyTokenizer):
    """The tokenizer; has nothing to save.

    >>> import spacy
    >>> nlp = spacy.blank("xx", config={"nlp": {"tokenizer": {"@tokenizers": NAME}}})
    >>> [word.text for word in nlp("Bo Lind-Hald: ring  nu")]
    ['Bo', 'Lind', '-', 'Hald', ':', 'ring', ' ', 'nu']
    """

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        found = WORD.findall(text)
        return Doc(self.vocab, words=[word for word, _ in found], spaces=[bool(blank) for _, blank in found])


@registry.tokenizers(NAME)  # type: ignore[untyped-decorator]
def tokenizer() -> Callable[[Language], Words]:
    """What spaCy makes the tokenizer of a pipeline with."""

    def made(nlp: Language) -> Words:
        return Words(nlp.vocab)

    return made
