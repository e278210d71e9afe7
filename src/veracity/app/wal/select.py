"""Which records of a journal are shown."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, get_args

from veracity.app.wal.verify import kind_of
from veracity.domain.events import Event
from veracity.journal.batch import Record
from veracity.journal.frame import SEQ_MAX

RANGE: Final = re.compile(r"(?P<first>\d*)(?P<dots>\.\.)?(?P<last>\d*)", re.ASCII)
KINDS: Final = tuple(sorted(kind.__struct_config__.tag for kind in get_args(Event)))


class Shown(NamedTuple):
    """A record and the event in it."""

    record: Record
    event: Event


class Selection(NamedTuple):
    """All of it must hold; what is empty or None asks for nothing."""

    kinds: frozenset[str] = frozenset()
    seq_first: int = 1
    seq_last: int = SEQ_MAX
    strategy: str | None = None
    corr: str | None = None

    def takes(self, event: Event) -> bool:
        """Whether the event is one of those."""
        return (
            self.seq_first <= event.seq <= self.seq_last
            and (not self.kinds or kind_of(event) in self.kinds)
            and (self.strategy is None or strategy_of(event) == self.strategy)
            and (self.corr is None or self.corr in correlations(event))
        )


def seq_range(text: str) -> tuple[int, int]:
    """The ends of `100..200`, `100..`, `..200` or `100`, both included. Raises ValueError for anything else."""
    match = RANGE.fullmatch(text)
    if match is None or not (match["first"] or match["last"]):
        raise ValueError(f"{text!r} is no range of seqs; write it like 100..200, 100.., ..200 or 100")
    first = int(match["first"] or 1)
    last = int(match["last"] or SEQ_MAX) if match["dots"] else first
    if first > last:
        raise ValueError(f"{text!r} ends before it begins")
    return first, last


def correlations(event: Event) -> tuple[str, ...]:
    """What an event belongs to: its intent, which is the correlation id of all that follows, and its order."""
    found: Iterable[Any] = (getattr(event, name, None) for name in ("intent_id", "order_id"))
    return tuple(value for value in found if value is not None)


def strategy_of(event: Event) -> str | None:
    """Whose event it is: as it says, or as the id of its intent or order says; None for the market's and the run's."""
    named = getattr(event, "strategy_id", None)
    if named is not None:
        return str(named)
    for made in correlations(event):
        parts = made.split("-")
        if len(parts) == 3:  # <run>-<strategy>-<seq>
            return parts[1]
    return None


def selected(shown: Iterable[Shown], selection: Selection) -> Iterator[Shown]:
    """Those that the selection takes; reading ends where no later one can be."""
    for one in shown:
        if one.record.seq > selection.seq_last:
            return
        if selection.takes(one.event):
            yield one
