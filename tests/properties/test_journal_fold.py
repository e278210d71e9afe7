"""A journal folds to the state of its writer, after every event and not only at the end."""

import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from tests.kit.doubles import RecordingJournal
from tests.kit.process import fresh
from tests.kit.says import data_ended, stop
from tests.kit.script import IDENTITY
from tests.properties.histories import begun, bytes_of, unfold

from veracity.domain.events import Event
from veracity.journal.files import SYSTEM_FILES
from veracity.journal.writer import JournalWriter
from veracity.runtime import loop
from veracity.state.apply import apply
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

HISTORIES = 200
EVENTS_MAX = 300
# What no history here leads to (ruin, borrowing, a rehearsed guard, the volatility rule, a regime): folded with whole runs.
ELSEWHERE = {
    "StrategyStopped",
    "CommandReceived",
    "BorrowCharged",
    "PositionLiquidated",
    "DenialRehearsed",
    "VolatilityWatched",
    "VolatilityChanged",
    "RegimeWatched",
    "RegimeChanged",
}


class Unsynced(type(SYSTEM_FILES)):  # type: ignore[misc]
    """The system's files without the syncs: 200 journals that no power cut can reach."""

    def sync_data(self, file: int) -> None:
        pass

    def sync(self, file: int) -> None:
        pass


class OnDisk(RecordingJournal):
    """Keeps records in a list, and in a journal on disk."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.writer = JournalWriter.create(
            directory, IDENTITY.run_id, code_version="0.1.0", schema_version=1, files=Unsynced()
        )

    def append(self, seq: int, payload: bytes) -> None:
        super().append(seq, payload)
        self.writer.append(seq, payload)


@pytest.mark.ticket("T-098")
def test_a_fresh_process_folds_each_journal_to_the_writers_state_after_every_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: dict[str, list[str]] = {}
    kinds: set[str] = set()
    hashes: list[str] = []

    def recorded(state: EngineState, event: Event) -> None:
        apply(state, event)
        hashes.append(state_hash(state))
        kinds.add(type(event).__name__)

    monkeypatch.setattr(loop, "apply", recorded)

    @settings(max_examples=HISTORIES)
    @given(drawn=bytes_of(130))
    def write(drawn: bytes) -> None:
        hashes.clear()
        name = f"{len(written):03}"
        journal = OnDisk(tmp_path / name)
        for script in unfold(begun(journal=journal), drawn):
            if script.state.seq > EVENTS_MAX - 30:
                break
        script.hears(stop()).hears(data_ended()).hears(data_ended())
        journal.writer.close()
        written[name] = list(hashes)

    write()
    folded = json.loads(fresh("tests.properties.fold_journals", cwd=tmp_path))
    assert len(written) >= HISTORIES
    assert folded == written
    assert max(map(len, written.values())) <= EVENTS_MAX
    assert sum(map(len, written.values())) > 20_000
    assert kinds >= {kind.__name__ for kind in get_args(Event)} - ELSEWHERE
