"""What a run consists of: shards, each some neighbouring items of the sources, which one worker reads and writes as one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from detector.mailboxes import Source, pieces
from detector.mailboxes.pieces import Piece
from detector.records import Failure

BYTES = 4_000_000
"""Of a shard, about: some hundred mails, so that workers end at about the same time."""
ITEMS = 500
"""Of a shard, at most, where its pieces are single messages."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Pieces that are read together; numbers run from 0 in the order of the sources."""

    number: int
    pieces: tuple[Piece, ...] = field(repr=False)

    @property
    def file(self) -> str:
        """Name of its results in the run directory."""
        return f"{self.number:06d}.parquet"

    @property
    def count(self) -> int | None:
        """Items in it, None where that is not known yet."""
        counts = [piece.count for piece in self.pieces]
        return None if None in counts else sum(count or 0 for count in counts)


def plan(sources: Iterable[Source], *, size: int = BYTES, items: int = ITEMS) -> Iterator[Shard]:
    """The shards of some sources, the same for the same files."""
    taken: list[Piece] = []
    number, held, room = 0, 0, size
    for piece in (piece for source in sources for piece in pieces.cut(source, size=size)):
        if taken and (held + (piece.count or items) > items or room < piece.size):
            yield Shard(number, tuple(taken))
            number, taken, held, room = number + 1, [], 0, size
        taken.append(piece)
        held, room = held + (piece.count or items), room - piece.size
    if taken:
        yield Shard(number, tuple(taken))


def to_json(shard: Shard) -> dict[str, Any]:
    """A shard as it is written down, or told to a worker."""
    return {"number": shard.number, "pieces": [asdict(piece) for piece in shard.pieces]}


def of_json(plain: dict[str, Any]) -> Shard:
    """The shard again."""
    read = [Piece(**{**piece, "failure": piece["failure"] and Failure(piece["failure"])}) for piece in plain["pieces"]]
    return Shard(plain["number"], tuple(read))
