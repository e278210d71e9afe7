"""Every record of a journal with the event in it, told to the words on the way."""

from collections.abc import Iterator

import msgspec

from veracity.app.wal.select import Shown
from veracity.app.wal.target import Target
from veracity.app.wal.words import Words
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import decode_event
from veracity.journal.errors import JournalTorn
from veracity.journal.lock import writer_of
from veracity.journal.reader import read
from veracity.journal.versions import require_schema
from veracity.state.schema import SCHEMA_VERSION
from veracity.state.snapshot import restore


def heard(target: Target, words: Words, *, is_growing: bool = False) -> Iterator[Shown]:
    """The records that are there, in order. A last one that is not finished ends them quietly where somebody is writing it.

    Raises as `read` does, and OperatorFault where a record is no event: 7 of a journal of another schema, else 5.
    """
    base = target.base()
    if base is not None:
        words.know(restore(base.content).instruments)
    try:
        for record in read(target.wal, target.there()):
            try:
                event = decode_event(record.payload)
            except msgspec.MsgspecError as error:
                require_schema(target.wal, SCHEMA_VERSION)
                raise OperatorFault(
                    f"the record with seq {record.seq} is not an event",
                    where=str(target.wal),
                    why=str(error),
                    exit_code=ExitCode.FINDING,
                ) from error
            words.hear(event)
            yield Shown(record, event)
    except JournalTorn:
        if not is_growing and writer_of(target.wal) is None:
            raise
