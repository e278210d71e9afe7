"""The paper wiring on recorded inputs: as trading runs (every input journaled, durable before it is acted on, restarted from
its journal), with the recorded clock run as fast as it goes and a simulated venue.

A run that was killed is gone on with by the same command: the directory whose manifest has the same run id and that has
no end marker is taken up again, and ends with the hash that it would have had.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from veracity.app.backtest import describe, identify
from veracity.app.config import LoadedConfig
from veracity.app.control import Control
from veracity.app.failure import leave_failed
from veracity.app.paper_story import ending, explained, write_log
from veracity.app.paper_trade import AS_USUAL, Manner, trade
from veracity.app.unfinished import MODE, unfinished
from veracity.app.world import World
from veracity.data.dataset import load
from veracity.domain.errors import OperatorFault, VenueFault
from veracity.forensics import run_directory
from veracity.forensics.code_identity import code_identity
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.errors import JournalDead
from veracity.runtime.kill_watch import KillWatch
from veracity.runtime.simulation import END_OF_DATA

Clock = Callable[[], int]


class PaperOutcome(NamedTuple):
    """A paper run that came to its end, or was stopped: then `summary` is None. `signal`: by which, or 0."""

    run_dir: Path
    run_id: str
    state_hash: str
    resumed_at: int  # seq of the last record of the process before; 0 for a run from its beginning
    summary: dict[str, Any] | None
    signal: int
    seconds: float
    is_halted: bool  # when it ended


def run_paper(
    loaded: LoadedConfig, *, runs_dir: Path, clock: Clock, manner: Manner = AS_USUAL
) -> PaperOutcome:
    """Run the config on its recorded data as paper, or go on with such a run that was killed.

    Without extra checkpoints it ends with the hash of the backtest.

    Raises OperatorFault where config, data or journal are refused; JournalDead where the disk fails. The directory gets
    its end marker when the run is finished, or a fault of ours ended it, and not before: without one the same command goes on.
    """
    begin = time.perf_counter()
    dataset = load(loaded.sources())
    code = code_identity(os.environ)  # noqa: TID251 - the wiring is where the environment is read
    identity = identify(loaded, dataset, code.code_hash)
    run = unfinished(runs_dir, identity.run_id)
    if run is None:
        created = clock()
        run = run_directory.create(
            runs_dir, mode=MODE, label=loaded.run.label, run_id=identity.run_id, created_ts=created
        )
        describe(run, loaded, dataset, identity, code, created, MODE)
    killing = run.kill_file if manner.kill_file is None else manner.kill_file
    with closing(Control(run, killing)) as control:
        world = World(control, KillWatch(killing), manner.pace, limits=loaded.limits())
        with _signals(world), _ended_by_a_fault(run, identity.run_id):
            loop, resumed_at = trade(run, loaded, dataset, identity, world, manner)
    if loop.state.mode_reason != END_OF_DATA:  # stopped on the way: there is a log, and nothing to sum up
        write_log(run, identity.run_id)
        told = None
    else:
        told = explained(run, loaded, dataset, loop.state)
    run.seal(success=True)
    seconds = time.perf_counter() - begin
    state_hash, is_halted = ending(run)
    return PaperOutcome(
        run.root, identity.run_id, state_hash, resumed_at, told, world.signal, seconds, is_halted
    )


@contextmanager
def _ended_by_a_fault(run: RunDirectory, run_id: str) -> Iterator[None]:
    """A bug of ours ends the run for good: the same input would meet it again. A disk, a file or a venue that failed does
    not: the same command goes on when it is mended."""
    try:
        yield
    except (JournalDead, OperatorFault, OSError, VenueFault):
        raise
    except Exception as error:
        leave_failed(run, run_id, error)
        raise


@contextmanager
def _signals(world: World) -> Iterator[None]:
    before = {number: signal.signal(number, world.stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
