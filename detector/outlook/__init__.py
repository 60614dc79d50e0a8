"""Outlook's own messages: .msg files, and the TNEF ("winmail.dat") that Exchange wraps one in, as `Message`s.

Both keep a message as MAPI properties; the two modules that take them apart (`msg`, `tnef`) give the same `Store`s,
and `message` makes records of them. Never raises on content.
"""

from __future__ import annotations

import struct

from detector.budget import Budget, OverBudget
from detector.ole import MAGIC, Compound
from detector.outlook import message, msg, tnef
from detector.records import Message, Reason, Unread

_DAMAGE = (struct.error, ValueError, IndexError, OverflowError)


def is_message(data: bytes) -> bool:
    """Whether `data` is a .msg file: a compound file with the properties of a message at its root."""
    if not data.startswith(MAGIC):
        return False
    try:
        return msg.PROPERTIES in Compound(data).root_names()
    except _DAMAGE:
        return False


def parse(data: bytes, *, budget: Budget, part: str = "", depth: int = 0) -> Message:
    """The message in a .msg file or in TNEF, which stands at `part` (path) and `depth` of the message scanned.

    What the limits of `budget` cut off, and what cannot be taken apart, is listed in `Message.unread`.
    """
    reason = Reason.DAMAGED
    try:
        store = tnef.open_store(data, budget=budget) if data.startswith(tnef.MAGIC) else msg.open_store(data, budget=budget)
        return message.build(store, budget=budget, part=part, depth=depth)
    except OverBudget as over:
        reason = over.reason
    except _DAMAGE:
        pass
    return Message(part=part, unread=(Unread(part, None, reason),))
