"""F10 at a venue that lives on (T-397): SIGKILL at every write and sync of a paper day, and at random.

    python -m bench.journal.venue_kills [--random N] [--seed N] [--json]

The practice venue is a process, the engine another one (forks of this one, over a real socket). The engine is killed before
a write or sync of its journal, in the middle of a write, or behind it; the venue lives on, and another engine brings the day
to its end. Counted: records that were acknowledged and are gone; a folded state whose hash is not that of the undisturbed
day there; orders at the venue that the journal lacks, and orders that came twice; days that end neither with the undisturbed
hash nor with just the orders in hand expired as unsent.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from bench.config import task_config
from bench.journal.disk import memory
from bench.journal.kills import MOMENTS, Killer, die, ended, forked, row, script
from bench.journal.table import Proof

from veracity.app import paper as wiring
from veracity.app.config import LoadedConfig, load
from veracity.app.paper_trade import Manner
from veracity.app.practice import DEEDS, serve_practice
from veracity.domain.events import OrderExpired, OrderSubmitted
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.files import SYSTEM_FILES
from veracity.journal.reader import read
from veracity.journal.recover import recover
from veracity.journal.writer import JournalWriter
from veracity.runtime.replay import follow
from veracity.runtime.settle import EXPIRED_UNSENT
from veracity.state.hash import state_hash
from veracity.state.model import EngineState
from veracity.venues.practice.counterparty import decode_request
from veracity.venues.practice.wire import Place

CALLS: Final = ("write", "sync", "sync_data")
RANDOM_KILLS: Final = 100
BARS: Final = 40
START: Final = 1_675_209_600 * 10**9
MINUTE: Final = 60 * 10**9
FAULTS: Final = (
    "acknowledged lost",
    "hash differs",
    "sent, not journaled",
    "sent twice",
    "another day",
    "does not start",
)
RESTLESS: Final = """\
[[strategies]]
id = "restless"
strategy = "momentum"
legs = ["BTCUSDT"]
cash = 100000
[strategies.params]
fast = 1
slow = 2
qty = 0.5
"""


class Whole(NamedTuple):
    """The day that nobody disturbed."""

    hashes: dict[int, str]  # of the state behind each record
    final: str
    seconds: float  # that its engine lived


class Found(NamedTuple):
    """What is there after an engine ended."""

    faults: Counter[str]
    is_done: bool
    unsent: int  # orders that never left, and expired


def scripted(place: Path) -> Path:
    """The day's config and data; four minutes up, four down."""
    closes = [3_000_000 + 1_500 * min(bar % 8, 8 - bar % 8) for bar in range(BARS)]
    opens = [closes[0], *closes[:-1]]
    prices = {
        "open": opens,
        "high": [max(pair) for pair in zip(opens, closes, strict=True)],
        "low": [min(pair) for pair in zip(opens, closes, strict=True)],
        "close": closes,
    }
    stamps = pa.array([START + MINUTE * bar for bar in range(BARS)], pa.timestamp("ns", "UTC"))
    columns = {"ts": stamps} | {
        name: pa.array([Decimal(one).scaleb(-2) for one in cents], pa.decimal128(18, 2))
        for name, cents in prices.items()
    }
    columns["volume"] = pa.array([Decimal("1000.000")] * BARS, pa.decimal128(18, 3))
    pq.write_table(pa.table(columns), place / "bars.parquet")
    config = task_config("killed", place / "bars.parquet", strategy=RESTLESS)
    (place / "run.toml").write_text(config, encoding="utf-8")
    return place / "run.toml"


def wound(at: int, moment: str) -> None:
    """Let this process die at its write or sync number `at`."""
    left = [at]

    def around(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*words: Any) -> Any:
            left[0] -= 1
            if left[0]:
                return call(*words)
            return die(moment, name, call, words)

        return called

    for name in CALLS:
        setattr(SYSTEM_FILES, name, around(name, getattr(SYSTEM_FILES, name)))


def trade(place: Path, loaded: LoadedConfig, *, at: int = 0, moment: str = "") -> None:
    """An engine's life at the venue; what it knows to be durable it tells outside. No report is written: that is no proof."""
    told = os.open(place / "told", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    barrier = JournalWriter.barrier

    def telling(journal: JournalWriter) -> None:
        barrier(journal)
        os.write(told, b"%d\n" % journal.seq_durable)

    JournalWriter.barrier = telling  # type: ignore[method-assign, assignment]
    wiring.explained = lambda *_: {}  # type: ignore[attr-defined]
    if at:
        wound(at, moment)
    wiring.run_paper(loaded, runs_dir=place, clock=lambda: 0, manner=Manner(venue=venue_of(place)))


def venue_of(place: Path) -> Path:
    """The venue's directory."""
    (found,) = place.glob("practice-*")
    return found


@contextmanager
def venue(place: Path, loaded: LoadedConfig) -> Iterator[None]:
    """A venue in a process of its own, which listens."""
    place.mkdir()
    hears, says = os.pipe()

    def serve() -> None:
        serve_practice(loaded, place, lambda _: os.close(says), lambda _: None)

    child = forked(serve)
    os.close(says)
    try:
        os.read(hears, 1)  # the pipe ends when the venue listens: its socket is there a moment before
        yield
    finally:
        os.close(hears)
        os.kill(child, signal.SIGKILL)
        ended(child)


def look(place: Path, whole: Whole) -> Found:
    """Fold what is there and hold it against the undisturbed day and the venue's own memory."""
    faults: Counter[str] = Counter()
    runs = [RunDirectory(root) for root in place.glob("paper-*")]
    state, journaled, unsent, at_head = EngineState(), [], [], True
    if runs and runs[0].wal.exists():
        for event in follow(state, recover(runs[0].wal).records):
            if isinstance(event, OrderSubmitted):
                journaled.append(event.order_id)
            elif isinstance(event, OrderExpired) and event.detail.startswith(EXPIRED_UNSENT):
                unsent.append(event.order_id)
        at_head = state.seq == 0 or whole.hashes.get(state.seq) == state_hash(state)
    told = [int(line) for line in _text(place / "told").split()]
    placed = placed_at(venue_of(place))
    is_done = bool(runs) and runs[0].end_state() == "sealed"
    faults["acknowledged lost"] += max(told, default=0) > state.seq
    faults["sent, not journaled"] += len(set(placed) - set(journaled))
    faults["sent twice"] += len(placed) - len(set(placed))
    if not is_done:
        faults["hash differs"] += not at_head
    elif unsent:
        faults["another day"] += sorted([*placed, *unsent]) != sorted(journaled)
    else:
        faults["another day"] += state_hash(state) != whole.final
    return Found(faults, is_done, len(unsent))


def placed_at(directory: Path) -> list[str]:
    """Client order ids that ever came to the venue."""
    if not (directory / DEEDS).exists():
        return []
    deeds = (decode_request(bytes(record.payload)) for record in recover(directory / DEEDS).records)
    return [deed.order.order_id for deed in deeds if isinstance(deed, Place)]


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.exists() else ""


def undisturbed(place: Path, loaded: LoadedConfig) -> Whole:
    """The day, whole."""
    with venue(place, loaded):
        begun = time.perf_counter()
        assert ended(forked(lambda: trade(place, loaded))) == 0
        seconds = time.perf_counter() - begun
    (root,) = place.glob("paper-*")
    state, hashes = EngineState(), {}
    for event in follow(state, read(RunDirectory(root).wal)):
        hashes[event.seq] = state_hash(state)
    return Whole(hashes, state_hash(state), seconds)


def kill_at(place: Path, loaded: LoadedConfig, whole: Whole, at: int, moment: str) -> Found | None:
    """A day that is killed at one call, and gone on with; None where it had fewer calls."""
    with venue(place, loaded):
        code = ended(forked(lambda: trade(place, loaded, at=at, moment=moment)))
        if code == 0:
            return None
        faults = look(place, whole).faults
        faults["does not start"] += code is not None
        faults["does not start"] += ended(forked(lambda: trade(place, loaded))) != 0
        after = look(place, whole)
    faults += after.faults
    faults["does not start"] += not after.is_done
    return Found(faults, after.is_done, after.unsent)


def kill_everywhere(
    moment: str, place: Path, every: int = 1, first: int = 1
) -> tuple[int, int, Counter[str]]:
    """A day killed at each (or every n-th) call: how many, how many orders never left, what was wrong."""
    loaded = load(scripted(place))
    whole = undisturbed(place / "whole", loaded)
    faults: Counter[str] = Counter()
    kills, unsent, at = 0, 0, first
    while (found := kill_at(place / f"{at}", loaded, whole, at, moment)) is not None:
        faults += found.faults
        kills, unsent, at = kills + 1, unsent + found.unsent, at + every
    return kills, unsent, faults


def kill_at_random(kills: int, seed: int, place: Path) -> tuple[int, int, Counter[str]]:
    """Days that are killed again and again until each is done: how many, how many orders never left, what was wrong."""
    loaded = load(scripted(place))
    whole = undisturbed(place / "whole", loaded)
    killer = Killer(kills, seed, whole.seconds)
    faults: Counter[str] = Counter()
    days = unsent = 0
    while killer.left:
        days += 1
        today = place / f"day-{days}"
        with venue(today, loaded):
            while not (found := look(today, whole)).is_done:
                faults += found.faults
                code = killer.live(lambda here=today: trade(here, loaded))  # type: ignore[misc]
                if code not in (None, 0):
                    faults["does not start"] += 1
                    return days, unsent, faults
        faults += found.faults
        unsent += found.unsent
    return days, unsent, faults


def prove(random_kills: int = RANDOM_KILLS, seed: int = 1, every: int = 1) -> Proof:
    """The table: a row for each moment, and one for the random kills."""
    proof = Proof(
        "SIGKILL beside a venue that lives on (F10, T-397)", ("killed", "kills", "days", "unsent", *FAULTS)
    )
    for moment in MOMENTS:
        with memory() as place:
            kills, unsent, faults = kill_everywhere(moment, Path(place), every)
        row(proof, (f"{moment} each write and sync", kills, kills, unsent), faults, FAULTS)
    if random_kills:
        with memory() as place:
            days, unsent, faults = kill_at_random(random_kills, seed, Path(place))
        row(proof, ("at random", random_kills, days, unsent), faults, FAULTS)
    return proof


if __name__ == "__main__":
    script(__doc__, prove, RANDOM_KILLS)
