"""Every arc of the recovery machine is taken by a start on real files; nobody calls the table here."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from tests.kit.doubles import RecordingVenue
from tests.kit.players import player
from tests.kit.process import ROOT
from tests.runtime.lived import RUN_ID, Place, lived, records

from veracity.domain.errors import EngineFault, OperatorFault
from veracity.domain.events import VenueReport
from veracity.domain.ids import event_id
from veracity.engine.core import Engine
from veracity.journal.recover import Mode
from veracity.runtime import recovery
from veracity.runtime.loop import Loop
from veracity.runtime.recovery import take_over
from veracity.runtime.settle import settle

COUNT = 12
TRUNCATE = Mode.TRUNCATE_TAIL


class Arc(NamedTuple):
    """One arc from one step, as the YAML has it."""

    before: str
    event: str
    after: str


def arcs() -> list[Arc]:
    document = yaml.safe_load((ROOT / "specs/machines/recovery.yaml").read_text(encoding="utf-8"))
    return [Arc(before, arc["event"], arc["to"]) for arc in document["arcs"] for before in arc["from"]]


class Venue:
    """It has the orders that it lists, and the book has none to ask for."""

    def __init__(self, *order_ids: str) -> None:
        self.order_ids = order_ids

    def listed(self) -> tuple[str, ...]:
        return self.order_ids

    def ask(self, order_id: str) -> list[VenueReport]:
        raise AssertionError("no order is open")

    def now_ns(self) -> int:
        return 0


def goes_on(place: Place, *listed: str, meanwhile: bool = False) -> None:
    """A start that comes to its end: recovered, taken over, answered. `meanwhile` another process writes."""
    found = place.restart()
    if meanwhile:
        goes_on(place)
    journal = take_over(place.wal, found, RUN_ID, code_version="0.1.0", schema_version=1)
    loop = Loop(
        Engine([player("a").bound]), found.state, journal, RecordingVenue(), barrier_before_effects=True, journal_facts=True
    )  # fmt: skip
    try:
        settle(loop, Venue(*listed), found.start)
        loop.commit(loop.engine.checkpoint(found.state))
    finally:
        journal.close()


def torn(place: Place) -> Place:
    """The last record was written in part, and the witness has not seen it."""
    last = max(place.wal.glob("*.wal"))
    data = last.read_bytes()
    end = data.rindex(b"\n") + 1
    last.write_bytes(data[: end - 5] + b"\0" * (len(data) - end + 5))
    (place.wal / "witness").unlink()
    return place


def rotten(place: Place) -> None:
    path = place.wal / "00000001.wal"
    data = bytearray(path.read_bytes())
    data[data.index(b"\n") + 50] ^= 1
    path.write_bytes(data)
    place.restart()


def open_to_others(place: Place) -> None:
    place.wal.chmod(0o777)
    place.restart()


STARTS: dict[str, Callable[[Place], object]] = {
    "comes to its end": goes_on,
    "cuts off what was never finished": lambda place: torn(place).restart(mode=TRUNCATE),
    "finds its directory open to others": open_to_others,
    "finds rot": rotten,
    "finds a torn end and may not touch it": lambda place: torn(place).restart(),
    "finds the records of another run": lambda place: place.restart(run_id="f" * 16),
    "finds that another process went on": lambda place: goes_on(place, meanwhile=True),
    "finds its own order behind the head": lambda place: goes_on(place, event_id(RUN_ID, "a", COUNT + 1)),
}
REFUSES = {
    "begun": "finds its directory open to others",
    "chosen": "finds rot",
    "torn": "finds a torn end and may not touch it",
    "whole": "finds the records of another run",
    "folded": "finds that another process went on",
    "taken_over": "finds its own order behind the head",
}


def start_for(arc: Arc) -> str:
    if arc.event == "refuse":
        return REFUSES[arc.before]
    return "cuts off what was never finished" if "torn" in arc else "comes to its end"


@pytest.mark.parametrize("arc", arcs(), ids="-".join)
def test_a_start_takes_it(arc: Arc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Arc] = []
    by_the_table = recovery.recovery_step

    def noting(step: recovery.RecoveryStep, on: recovery.RecoveryOn) -> recovery.RecoveryStep:
        after = by_the_table(step, on)
        taken.append(Arc(step.value, on.value, after.value))
        return after

    place = lived(tmp_path, records(COUNT), close="torn" not in arc)
    monkeypatch.setattr(recovery, "recovery_step", noting)
    try:
        STARTS[start_for(arc)](place)
    except (OperatorFault, EngineFault):
        assert arc.event == "refuse"
    assert arc in taken
    assert all(one.after != "refused" for one in taken[:-1])


def test_every_step_can_be_refused_but_the_ends() -> None:
    refused = {arc.before for arc in arcs() if arc.event == "refuse"}
    assert refused == set(REFUSES) == {arc.before for arc in arcs()}
