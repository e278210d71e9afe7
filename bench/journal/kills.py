"""F10: SIGKILL at every file call of a scripted day, and at random moments: what was told is there, nothing is sent twice.

    python -m bench.journal.kills [--random N] [--seed N] [--json]

A real process (a fork of this one) runs engine, loop and journal against a venue that remembers what it was sent. It is
killed before a call, in the middle of a write, or behind a call; then this process reads what is there, as a restart
does, and another one brings the day to its end, or is killed in turn. Counted: records that were acknowledged and are
gone; folded states whose hash is not the one that was told; orders at the venue that the journal does not know; orders
that reached the venue twice.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import numpy as np
from bench.journal import day
from bench.journal.disk import memory
from bench.journal.table import Proof, options, report

from veracity.journal.files import SYSTEM_FILES
from veracity.journal.recover import recover
from veracity.runtime.replay import follow
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

MOMENTS: Final = ("before", "within", "behind")
RANDOM_KILLS: Final = 300
DAYS_MEASURED: Final = 3
FAULTS: Final = ("acknowledged lost", "hash differs", "sent, not journaled", "sent twice", "does not start")


class KillingFiles(type(SYSTEM_FILES)):  # type: ignore[misc]
    """The system's files; the process kills itself at the call number `at`."""

    def __init__(self, at: int, moment: str) -> None:
        self._left = at
        self._moment = moment

    def __getattribute__(self, name: str) -> object:
        call = super().__getattribute__(name)
        if name.startswith("_") or name == "free":
            return call
        return lambda *words: self._called(call, name, words)

    def _called(self, call: Callable[..., object], name: str, words: tuple[object, ...]) -> object:
        self._left -= 1
        if self._left:
            return call(*words)
        return die(self._moment, name, call, words)


def die(moment: str, name: str, call: Callable[..., object], words: tuple[object, ...]) -> NoReturn:
    """SIGKILL before the call, behind it, or, of a write, in the middle of it."""
    if moment == "behind":
        call(*words)
    if moment == "within" and name == "write":
        file, data, at = words
        assert isinstance(file, int)
        assert isinstance(data, bytes | memoryview)
        assert isinstance(at, int)
        os.pwrite(file, data[: len(data) // 2], at)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


class Found(NamedTuple):
    """What is there after a process ended."""

    faults: Counter[str]
    is_done: bool  # the day came to its end


def forked(run: Callable[[], None]) -> int:
    """A process of its own that does `run`; its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        run()
        code = 0
    finally:
        os._exit(code)


def ended(child: int) -> int | None:
    """Exit code of the process, None where a SIGKILL ended it."""
    _, status = os.waitpid(child, 0)
    return (
        None
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        else os.waitstatus_to_exitcode(status)
    )


class Killer:
    """Ends processes at random moments, `left` more times; whoever lives after that is let live."""

    def __init__(self, kills: int, seed: int, life_s: float) -> None:
        """`life_s` is how long one lives that nobody kills: kills are spread over all of it."""
        self.left = kills
        self._chance = np.random.default_rng(seed)
        self._life_s = life_s

    def live(self, run: Callable[[], None]) -> int | None:
        """Exit code of a process that does `run`, None where it was killed before it had."""
        child = forked(run)
        if self.left:
            time.sleep(float(self._chance.uniform(0, self._life_s)))
            os.kill(child, signal.SIGKILL)
        code = ended(child)
        self.left -= code is None
        return code


def look(place: Path) -> Found:
    """Fold what is there and compare it with what was told and sent."""
    faults: Counter[str] = Counter()
    told = _lines(place / day.TOLD)
    sent = [order for (order,) in _lines(place / day.VENUE)]
    hashes = {int(seq): marked for seq, marked in told}
    seq, journaled = 0, set()
    state = EngineState()
    if (place / day.WAL).exists():
        for event in follow(state, recover(place / day.WAL).records):
            seq = event.seq
            if seq in hashes and hashes[seq] != state_hash(state):
                faults["hash differs"] += 1
        journaled = day.orders_of(place / day.WAL)
    faults["acknowledged lost"] += sum(marked > seq for marked in hashes)
    faults["sent, not journaled"] += len(set(sent) - journaled)
    faults["sent twice"] += len(sent) - len(set(sent))
    return Found(faults, state.mode.value == "stopped")


def _lines(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text(encoding="ascii").splitlines()] if path.exists() else []


def kill_at(place: Path, at: int, moment: str) -> Counter[str] | None:
    """A day that is killed at one call, and its restart; None where it had fewer calls."""
    code = ended(forked(lambda: day.live(place, KillingFiles(at, moment))))
    if code == 0:
        return None
    faults = look(place).faults
    faults["does not start"] += code is not None
    if ended(forked(lambda: day.live(place))) != 0:
        faults["does not start"] += 1
    after = look(place)
    faults += after.faults
    faults["does not start"] += not after.is_done
    return faults


def kill_everywhere(moment: str, place: Path, every: int = 1) -> tuple[int, Counter[str]]:
    """A day killed at its first call, another at its second (or `every` n-th) and so on; how many, and what was wrong."""
    faults: Counter[str] = Counter()
    kills, at = 0, 1
    while True:
        (place / f"{at}").mkdir()
        found = kill_at(place / f"{at}", at, moment)
        if found is None:
            return kills, faults
        faults += found
        kills, at = kills + 1, at + every


def kill_at_random(kills: int, seed: int, place: Path) -> tuple[int, Counter[str]]:
    """Days that are killed again and again until each is done; how many days, and what was wrong."""
    killer = Killer(kills, seed, _day_seconds(place))
    faults: Counter[str] = Counter()
    days = 0
    while killer.left:
        days += 1
        today = place / f"day-{days}"
        today.mkdir()
        while not look(today).is_done:
            code = killer.live(lambda here=today: day.live(here))  # type: ignore[misc]
            faults += look(today).faults
            if code not in (None, 0):  # it would not start the next time either
                faults["does not start"] += 1
                return days, faults
    return days, faults


def _day_seconds(place: Path) -> float:
    """How long a day takes that nobody kills, start to end: kills are spread over all of it."""
    took = []
    for number in range(DAYS_MEASURED):
        here = place / f"measured-{number}"
        here.mkdir()
        begun = time.perf_counter()
        assert ended(forked(lambda there=here: day.live(there))) == 0  # type: ignore[misc]
        took.append(time.perf_counter() - begun)
    return sorted(took)[DAYS_MEASURED // 2]


def prove(random_kills: int = RANDOM_KILLS, seed: int = 1, every: int = 1) -> Proof:
    """The table: a row for each moment, and one for the random kills."""
    proof = Proof("SIGKILL (F10)", ("killed", "kills", "days", *FAULTS))
    for moment in MOMENTS:
        with memory() as place:
            kills, faults = kill_everywhere(moment, Path(place), every)
        row(proof, (f"{moment} each call", kills, kills), faults, FAULTS)
    if random_kills:
        with memory() as place:
            days, faults = kill_at_random(random_kills, seed, Path(place))
        row(proof, ("at random", random_kills, days), faults, FAULTS)
    return proof


def row(
    proof: Proof, cells: tuple[str, *tuple[int, ...]], faults: Counter[str], names: Sequence[str]
) -> None:
    """A row that says how the processes were killed, what was counted, and the faults by their names: none is expected."""
    proof.row(*cells, *(faults[name] for name in names))
    for name in names:
        proof.expect(f"{cells[0]}: {name}", faults[name], 0)


def script(describe: str | None, prove: Callable[[int, int], Proof], random_kills: int) -> None:
    """The command line of a proof by kills: prove and print."""
    parser = options(describe)
    parser.add_argument("--random", type=int, default=random_kills, help="kills at random moments")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    report([prove(given.random, given.seed)], as_json=given.json)


if __name__ == "__main__":
    script(__doc__, prove, RANDOM_KILLS)
