"""From the disk back to the engine: newest snapshot that proves itself, the records behind it, one state, one report.

A snapshot is not believed because its checksum holds: it is proved by folding from the one before it, or from the first record.
If the two states differ, the engine is not deterministic or its code has changed, and nothing may be built on either
(specs/journal/recovery.md, S-045).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from veracity.domain.errors import EngineFault, ExitCode, OperatorFault
from veracity.domain.events import Event
from veracity.domain.machines import RECOVERY_INITIAL, RecoveryOn, RecoveryStep, recovery_step
from veracity.domain.recovery_models import PassedOver, RecoveryReport
from veracity.journal import snapshots as files
from veracity.journal.batch import Record
from veracity.journal.errors import Damage, JournalDamaged, JournalUnsafe
from veracity.journal.frame import SEQ_MAX
from veracity.journal.heads import first_seq
from veracity.journal.reader import End, Since, Tail, read, scan
from veracity.journal.recover import Mode, classify_damage, refusal, truncate_tail, write_report
from veracity.journal.segments import make_directory, torn_name
from veracity.journal.snapshots import Snapshot
from veracity.journal.space import LIVE, Profile
from veracity.journal.versions import require_schema
from veracity.journal.writer import Clock, JournalWriter
from veracity.runtime.feed import Arrival
from veracity.runtime.replay import follow
from veracity.state import snapshot as state_snapshot
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

Fold: TypeAlias = Callable[[EngineState, Iterable[Record]], Iterator[Event]]
"""Folds records into a state and yields each one's event when it is in, as `follow` does."""


class SnapshotMismatch(EngineFault):
    """A snapshot that is whole and the fold of the journal up to its seq are two different states."""

    exit_code = ExitCode.FINDING
    hint = "keep the run directory and report it: the same records led to two states"


class Start:
    """How far a start has come. The table of specs/machines/recovery.yaml moves it, so no step can come before the one that
    it rests on, and none after a refusal."""

    def __init__(self) -> None:
        self.step = RECOVERY_INITIAL
        self.reached = RECOVERY_INITIAL
        """The last step before a refusal, which is what a report names."""

    def to(self, on: RecoveryOn) -> None:
        """Move. Raises NoSuchTransition where this cannot come now."""
        self.step = recovery_step(self.step, on)
        if self.step is not RecoveryStep.REFUSED:
            self.reached = self.step

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """What is refused inside is the end of the start."""
        try:
            yield
        except (OperatorFault, EngineFault):
            self.to(RecoveryOn.REFUSE)
            raise


class Restart(NamedTuple):
    """What an engine goes on from."""

    state: EngineState
    since: Since  # the last record in it; a writer that goes on must agree
    start: Start  # folded: the writer takes the journal over, then the venue is asked
    report: RecoveryReport


class _Plan(NamedTuple):
    """Which snapshots there are to work with."""

    newest: Snapshot | None  # to be proved, and then gone on from
    base: Snapshot | None  # where the fold begins; None: at the first record
    passed_over: list[files.PassedOver]


_NO_PLAN: Final = _Plan(None, None, [])
_UNREAD: Final = Tail(End.CLEAN, None, 0, 0, 0, "", 0, 0, 0, None)


def restart(
    wal: Path,
    snapshots: Path,
    *,
    run_id: str,
    schema_version: int,
    mode: Mode = Mode.STRICT,
    reports: Path | None = None,
    facts: Iterable[Arrival] = (),
    on_event: Callable[[Event], None] | None = None,
    fold: Fold | None = None,
    who: str = "",
    ts: int = 0,
) -> Restart:
    """Recover the run in `wal` and `snapshots`; a report goes to `reports`, of a refusal too.

    The fold begins as late as the proof of the newest snapshot allows. With a `fold` of the caller's it begins at the first
    record, where that is still there: for what has to see all of them.

    `strict` changes nothing, and refuses a torn end; `truncate-tail` repairs that, noted as done by `who` at `ts`. Raises
    JournalDamaged, SnapshotMismatch, OperatorFault where a record does not fold, JournalUnsafe, JournalVersionMismatch; then
    nobody may trade.
    """
    assert mode is not Mode.SALVAGE, "salvage feeds no engine"
    start, plan, tail = Start(), _NO_PLAN, _UNREAD
    try:
        with start.refusing():
            make_directory(wal)
            require_schema(wal, schema_version)
            plan = _plan(wal, snapshots, run_id, schema_version)
            if fold is not None and first_seq(wal) == 1:
                plan = plan._replace(base=None)
            start.to(RecoveryOn.CHOOSE)
            since = plan.base.header.since if plan.base else None
            tail = scan(wal, since)
            if tail.end is not End.DAMAGED:
                start.to(RecoveryOn.FIND_TORN if tail.end is End.TORN else RecoveryOn.FIND_WHOLE)
            if mode is Mode.TRUNCATE_TAIL and tail.end is End.TORN:
                truncate_tail(wal, since, who=who, ts=ts)
                start.to(RecoveryOn.REPAIR)
            _refuse(wal, tail, plan, run_id, torn=mode is Mode.STRICT)
            state = _folded(plan, islice(read(wal, since), tail.records), facts, on_event, fold)
            start.to(RecoveryOn.FOLD)
    except (OperatorFault, EngineFault) as error:
        if reports is not None:
            write_report(reports, _report(wal, mode, start, tail, plan, None, error))
        raise
    report = _report(wal, mode, start, tail, plan, state, None)
    if reports is not None:
        write_report(reports, report)
    return Restart(state, tail.last, start, report)


def take_over(
    wal: Path,
    found: Restart,
    run_id: str,
    *,
    code_version: str,
    schema_version: int,
    profile: Profile = LIVE,
    clock: Clock | None = None,
) -> JournalWriter:
    """The writer that goes on in the journal from just the record that was recovered; its syncs are timed by `clock`.

    Raises JournalUnsafe where another process has written since, and what `JournalWriter.resume` raises.
    """
    since = found.since if found.since.seq else None
    with found.start.refusing():
        journal = JournalWriter.resume(
            wal,
            run_id,
            code_version=code_version,
            schema_version=schema_version,
            since=since,
            profile=profile,
            clock=clock,
        )
        went_on = journal.since
        if went_on != found.since:
            journal.close()
            raise JournalUnsafe(
                f"another process went on in the journal, up to seq {went_on.seq}",
                where=str(wal),
                why=f"seq {found.since.seq} was recovered",
                hint="end the other process, then start again",
            )
        found.start.to(RecoveryOn.TAKE_OVER)
    return journal


def fold_hash(content: bytes | None, records: Iterable[Record]) -> str:
    """State hash of `records` folded into the snapshot `content`, or into a new state: the proof that compaction asks for."""
    state = EngineState() if content is None else state_snapshot.restore(content)
    for _ in follow(state, records):
        pass
    return state_hash(state)


def _plan(wal: Path, snapshots: Path, run_id: str, schema_version: int) -> _Plan:
    def newest(below: int | None) -> files.Choice:
        return files.newest_valid(
            snapshots, run_id=run_id, schema_version=schema_version, seq_last=SEQ_MAX, below=below
        )

    choice = newest(None)
    found = choice.snapshot
    if found is None:
        return _Plan(None, None, choice.passed_over)
    first = first_seq(wal)
    older = newest(found.header.seq).snapshot
    if older is not None and first <= older.header.record_seq + 1:
        return _Plan(found, older, choice.passed_over)
    if first == 1:
        return _Plan(found, None, choice.passed_over)
    return _Plan(found, found, choice.passed_over)  # compaction proved it before it removed the rest


def _refuse(wal: Path, tail: Tail, plan: _Plan, run_id: str, *, torn: bool) -> None:
    fault = refusal(tail, str(wal), torn=torn)
    if fault is not None:
        raise fault
    if plan.newest is not None and plan.newest.header.record_seq > tail.seq_last:
        raise JournalDamaged(
            f"snapshot {plan.newest.name} holds seq {plan.newest.header.record_seq}, "
            f"the journal ends with seq {tail.seq_last}: acknowledged records are missing",
            where=str(wal),
            segment=tail.segment,
            offset=tail.offset,
            record=tail.records + 1,
            seq_after=tail.seq_last,
            damage=Damage.GAP,
        )
    if tail.head is not None and tail.head.run_id != run_id:
        raise JournalUnsafe(
            f"the journal is of run {tail.head.run_id}", where=str(wal), why=f"this is run {run_id}"
        )


def _folded(
    plan: _Plan,
    records: Iterator[Record],
    facts: Iterable[Arrival],
    on_event: Callable[[Event], None] | None,
    fold: Fold | None,
) -> EngineState:
    state = EngineState() if plan.base is None else _restored(plan.base)
    unproved = plan.newest if plan.newest is not plan.base else None
    for event in follow(state, records, facts) if fold is None else fold(state, records):
        if unproved is not None and event.seq == unproved.header.record_seq:
            _compare(unproved, state_hash(state))
            unproved = None
        if on_event is not None:
            on_event(event)
    return state


def _restored(snapshot: Snapshot) -> EngineState:
    try:
        state = state_snapshot.restore(snapshot.content)
    except OperatorFault as fault:
        raise SnapshotMismatch(f"snapshot {snapshot.name} contradicts itself: {fault.why}") from fault
    _compare(snapshot, state_hash(state))
    return state


def _compare(snapshot: Snapshot, folded: str) -> None:
    """The header's hash and the content's own must be the fold's."""
    try:
        inside = state_hash(state_snapshot.restore(snapshot.content))
    except OperatorFault as fault:
        inside = fault.why
    for stated in (snapshot.header.state_hash, inside):
        if stated != folded:
            raise SnapshotMismatch(
                f"snapshot {snapshot.name} at seq {snapshot.header.seq} has state {stated}, the fold of the journal has {folded}"
            )


def _report(
    wal: Path,
    mode: Mode,
    start: Start,
    tail: Tail,
    plan: _Plan,
    state: EngineState | None,
    error: Exception | None,
) -> RecoveryReport:
    damage = classify_damage(tail)
    if error is not None and damage is Damage.NONE and isinstance(error, JournalDamaged):
        damage = error.damage
    repaired = error is None and tail.end is End.TORN
    was_read = tail is not _UNREAD
    fault = str(error) if error is not None else str(tail.fault) if tail.fault else None
    return RecoveryReport(
        wal=str(wal),
        mode=mode.value,
        step=start.reached.value,
        outcome="refused" if error is not None else "repaired" if repaired else "recovered",
        damage=damage.value if was_read else "unknown",
        fault=fault,
        segment=tail.segment,
        offset=tail.offset,
        seq_last=tail.seq_last,
        acknowledged=tail.acknowledged or None,
        torn_bytes=tail.torn_bytes,
        torn_file=torn_name(tail.segment, tail.offset) if repaired else None,
        records_read=tail.records,
        records_later=tail.fault.records_later if tail.fault else 0,
        snapshot=plan.newest.name if plan.newest else None,
        snapshot_seq=plan.newest.header.seq if plan.newest else 0,
        snapshots_passed_over=tuple(PassedOver(name=one.name, why=one.why) for one in plan.passed_over),
        state_hash=state_hash(state) if state is not None else None,
        orders_open=_orders_open(state),
        next_step=_next_step(wal, damage, state, error),
    )


def _orders_open(state: EngineState | None) -> tuple[str, ...] | None:
    """Orders whose end is not known; None where nothing was folded, for then it may be any."""
    return None if state is None else tuple(sorted(state.orders))


def _next_step(wal: Path, damage: Damage, state: EngineState | None, error: Exception | None) -> str:
    if error is None:
        if state is not None and state.orders:
            return "the venue is asked for every order that is listed, then trading may go on"
        return "nothing: the run may go on"
    if isinstance(error, SnapshotMismatch):
        return (
            "keep the run directory, send no order, and report the two hashes: this is a fault of the engine"
        )
    if damage is Damage.TORN_TAIL:
        return "start again with truncate-tail: it keeps the unfinished bytes aside and goes on from the last whole record"
    if isinstance(error, JournalUnsafe):
        return f"send no order: {error.hint or error.why or error.what}; then start again"
    if damage is Damage.NONE:
        return "keep the run directory and compare it with a copy: a record cannot be folded by this code"
    return (
        "send no order. Copy the run directory before anything else. Is there a backup of the named file? Put it back, and go on "
        f"once `veracity wal verify {wal}` says whole. If there is none: read what is left with `veracity wal repair {wal} --mode "
        "salvage`, ask the venue for its orders and positions, and begin a new run from what it says"
    )
