"""events.jsonl: what happened, one line of JSON an event, for people and for programs (specs/logging/records.md).

A line is built from the list of fields of the event's kind, never from the whole event. It holds what every line has
(`seq` is the journal's), what the event says, and for an order the arc that it took. A value that is not there leaves
no key. Market data is in the dataset or the journal and not here.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from veracity.domain.events import Event
from veracity.forensics.line_file import LINES_BUFFERED, Closing, LineFile
from veracity.forensics.redact import Redactor
from veracity.forensics.taxonomy import Entry, Taxonomy, in_event_log, standard
from veracity.forensics.transitions import TRIGGERS, Track, Transitions

SCHEMA: Final = "veracity.log/1"

# What a line belongs to -> where an event says it. An event of an order that does not say it is told by the order.
_SUBJECT: Final = {"corr_id": "intent_id", "strategy_id": "strategy_id", "symbol": "symbol"}
_ARC: Final = ("from", "to", "trigger")
_NO_ARC: Final[tuple[str | None, ...]] = (None, None, None)

_encode: Final = msgspec.json.Encoder().encode
_order_id: Final = attrgetter("order_id")


class _Form(NamedTuple):
    """How the lines of one kind are made."""

    head: bytes  # what all of them begin with
    read: Callable[
        [Any], tuple[Any, ...]
    ]  # seq, ts, the subject as far as the event says it, the listed fields
    missing: tuple[str, ...]  # parts of the subject that the order has to tell
    body: type[Any]  # struct of what is read, what is missing, and the arc
    moves: bool  # the event is an arc of the order's or the engine's table


class EventLog(Closing):
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
        self._noticed = (0, 0)  # seq and sub of the last notice

    def emit(self, event: Event) -> None:
        """Append the line of `event`; none for a kind below INFO.

        Raises EngineFault for a kind that the taxonomy does not know, IllegalTransition for an event that cannot follow.
        """
        try:
            form = self._forms[type(event)]
        except KeyError:
            form = self._add_form(event)
        if form is None:
            return
        track = self._transitions.follow(event) if form.moves else None
        arc = _NO_ARC if track is None else track.arc
        if form.missing:
            order = track or self._transitions.order(_order_id(event))
            line = form.body(*form.read(event), *_told(order, form.missing), *arc)
        else:
            line = form.body(*form.read(event), *arc)
        self._file.append(form.head + _encode(line)[1:])

    def notice(self, kind: str, behind: Event, said: Mapping[str, object]) -> None:
        """Append what only the log says, behind the line of the event that was emitted last.

        Raises EngineFault for a notice that the taxonomy does not know.
        """
        entry = self._taxonomy.notice(kind)
        seq, sub = self._noticed
        self._noticed = (behind.seq, sub + 1 if seq == behind.seq else 1)
        subject = {name: said[name] for name in _SUBJECT if said.get(name) is not None}
        listed = {name: said[name] for name in entry.fields if said[name] is not None}
        head = _head(kind, entry, self._run_id, sub=self._noticed[1])
        self._file.append(_encode({**head, "seq": behind.seq, "ts": behind.ts, **subject, **listed}))

    def close(self) -> None:
        """Make every line durable."""
        self._file.close()

    def _add_form(self, event: Event) -> _Form | None:
        kind = str(event.__struct_config__.tag)
        entry = self._taxonomy.entry(kind)
        form = _form(event, kind, entry, self._run_id) if in_event_log(entry) else None
        self._forms[type(event)] = form
        return form


def write(events: Iterable[Event], path: Path, run_id: str, redactor: Redactor | None = None) -> None:
    """The event log of a whole run as a new file. Raises as `EventLog.emit`, and OperatorFault where there is one."""
    with EventLog(path, run_id, redactor=redactor) as log:
        for event in events:
            log.emit(event)


def _form(event: Event, kind: str, entry: Entry, run_id: str) -> _Form:
    present = event.__struct_fields__
    said = {name: source for name, source in _SUBJECT.items() if source in present}
    missing = tuple(name for name in _SUBJECT if name not in said) if "order_id" in present else ()
    names = (*said, *entry.fields, *missing, *_ARC)
    body = msgspec.defstruct(
        f"{type(event).__name__}Line",
        [("seq", int), ("ts", int), *((_identifier(name), Any, None) for name in names)],
        rename={_identifier(name): name for name in names},
        omit_defaults=True,
        frozen=True,
        gc=False,
    )
    return _Form(
        head=_encode(_head(kind, entry, run_id, sub=0))[:-1] + b",",
        read=attrgetter("seq", "ts", *said.values(), *entry.fields),
        missing=missing,
        body=body,
        moves=kind in TRIGGERS or kind == "mode_changed",
    )


def _head(kind: str, entry: Entry, run_id: str, *, sub: int) -> dict[str, object]:
    """What a line begins with; `sub` is 0 for a journal event, and 1, 2, ... for notices behind it."""
    return {
        "schema": SCHEMA,
        "run_id": run_id,
        "kind": kind,
        "code": entry.code,
        "level": entry.level,
        "component": entry.component,
        "sub": sub,
    }


def _told(order: Track | None, parts: tuple[str, ...]) -> tuple[str | None, ...]:
    """What the order itself belongs to, never what acted last; unknown for an order that is not ours."""
    if order is None or order.subject is None:
        return (None,) * len(parts)
    return tuple([getattr(order.subject, part) for part in parts])


def _identifier(name: str) -> str:
    """`name` as a field may be called in Python."""
    return f"{name}_" if name == "from" else name
