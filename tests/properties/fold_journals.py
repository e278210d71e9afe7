"""A program that folds journals: for each directory in the one it runs in, the state hash after every record."""

import json
from pathlib import Path

from veracity.journal.reader import read
from veracity.runtime.replay import follow
from veracity.state.hash import state_hash
from veracity.state.model import EngineState


def hashes_of(wal: Path) -> list[str]:
    state = EngineState()
    return [state_hash(state) for _ in follow(state, read(wal))]


if __name__ == "__main__":
    print(json.dumps({wal.name: hashes_of(wal) for wal in sorted(Path.cwd().iterdir())}))
