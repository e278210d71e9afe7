"""events.jsonl: what happened, one line of JSON an event, for people and for programs (specs/logging/records.md).

A line is built from the list of fields of the event's kind, never from the whole event. It holds what every line has
(`seq` is the journal's), what the event says, and for an order the arc that it took. A value that is not there leaves
no key. Market data is in the dataset or the journal and not here.
"""

from collections.abc import Callable, Iterable
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import msgspec

from veracity.domain.events import Event
from veracity.forensics.line_file import LINES_BUFFERED, LineFile
from veracity.forensics.redact import Redactor
from veracity.forensics.taxonomy import Entry, Taxonomy, standard
from veracity.forensics.transitions import Transitions

SCHEMA: Final = "veracity.log/1"

# Beside the fields of its kind, in the order of the line; absent ones leave no key.
_SUBJECT: Final = ("corr_id", "strategy_id", "symbol")
_ARC: Final = ("from", "to", "trigger")
_NO_ARC: Final = (None, None, None)

_encode: Final = msgspec.json.Encoder().encode


class _Form(NamedTuple):
    """How the lines of one kind are made."""

    head: bytes  # what all of them begin with
    read: Callable[[Any], tuple[Any, ...]]  # seq, ts and the listed fields of an event
    body: type[Any]  # struct of seq, ts, subject, fields, arc
    of_order: bool  # the event names an order, which knows its strategy and symbol
    own: tuple[str | None, ...]  # where the event itself has the subject's parts


class EventLog:
    """Writes the event log of one run, from its first event on."""

    def __init__(
        self,
        path: Path,
        run_id: str,
        *,
        redactor: Redactor | None = None,
        taxonomy: Taxonomy | None = None,
        lines_buffered: int = LINES_BUFFERED,
    ) -> None:
        """No file is made before the first line."""
        self._file = LineFile(path, redactor or Redactor(), lines_buffered=lines_buffered)
        self._run_id = run_id
        self._taxonomy = taxonomy or standard()
        self._forms: dict[type[Any], _Form | None] = {}
        self._transitions = Transitions()

    def emit(self, event: Event) -> None:
        """Append the line of `event`; none for a kind below INFO.

        Raises EngineFault for a kind that the taxonomy does not know, IllegalTransition for an event that cannot follow.
        """
        made = type(event)
        form = self._forms[made] if made in self._forms else self._add_form(event)
        if form is None:
            return
        change = self._transitions.follow(event)
        arc = _NO_ARC if change is None else (change.before, change.after, change.trigger)
        subject = self._subject(event, form)
        seq, ts, *fields = form.read(event)
        line = form.body(seq, ts, *subject, *fields, *arc)
        self._file.append(form.head + _encode(line)[1:])

    def close(self) -> None:
        """Make every line durable."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _subject(self, event: Any, form: _Form) -> tuple[str | None, ...]:
        """Correlation id, strategy and symbol: an order's own, never those of whoever acted last."""
        if form.of_order:
            life = self._transitions.life(event.order_id)
            if life is not None:
                return life[:3]
        return tuple([None if name is None else getattr(event, name) for name in form.own])

    def _add_form(self, event: Event) -> _Form | None:
        kind = str(event.__struct_config__.tag)
        entry = self._taxonomy.entry(kind)
        form = _form(event, kind, entry, self._run_id) if entry.in_event_log else None
        self._forms[type(event)] = form
        return form


def write(events: Iterable[Event], path: Path, run_id: str, redactor: Redactor | None = None) -> None:
    """The event log of a whole run as a new file. Raises as `EventLog.emit`, and OperatorFault where there is one."""
    with EventLog(path, run_id, redactor=redactor) as log:
        for event in events:
            log.emit(event)


def _form(event: Event, kind: str, entry: Entry, run_id: str) -> _Form:
    head = {
        "schema": SCHEMA,
        "run_id": run_id,
        "kind": kind,
        "code": entry.code,
        "level": entry.level,
        "component": entry.component,
        "sub": 0,  # a journal event; notices that only the log has follow it with 1, 2, ...
    }
    present = set(event.__struct_fields__)
    names = ("seq", "ts", *_SUBJECT, *entry.fields, *_ARC)
    body = msgspec.defstruct(
        f"{type(event).__name__}Line",
        [("seq", int), ("ts", int), *((_identifier(name), Any, None) for name in names[2:])],
        rename={_identifier(name): name for name in names},
        omit_defaults=True,
        frozen=True,
        gc=False,
    )
    sources = {"corr_id": "intent_id", "strategy_id": "strategy_id", "symbol": "symbol"}
    return _Form(
        head=_encode(head)[:-1] + b",",
        read=attrgetter("seq", "ts", *entry.fields),
        body=body,
        of_order="order_id" in present,
        own=tuple(source if source in present else None for source in sources.values()),
    )


def _identifier(name: str) -> str:
    """`name` as a field may be called in Python."""
    return f"{name}_" if name == "from" else name
