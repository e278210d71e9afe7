"""A supervised paper run: a practice venue and an engine, a process each. The venue outlives every engine; the supervisor
knows what stands against starting one again, and writes down that it did."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

import msgspec

from veracity.app.backtest import identify
from veracity.app.child import spawn
from veracity.app.config import LoadedConfig
from veracity.app.control import KILL_FILE
from veracity.app.practice import practice_directory
from veracity.app.supervisor import Again, Ended, Row, supervise
from veracity.app.unfinished import unfinished
from veracity.app.wall_clock import now_ns
from veracity.data.dataset import load
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.code_identity import code_identity
from veracity.forensics.files import FILE_MODE
from veracity.forensics.run_directory import RunDirectory
from veracity.runtime.kill_watch import KillWatch

RESTARTS: Final = "restarts.jsonl"


class VenueProcess:
    """The practice venue, alive from `__enter__` to `__exit__`. What it was is forgotten with a run that has ended."""

    def __init__(self, command: Sequence[str], watch: "PaperWatch") -> None:
        self._command: Final = command
        self._watch: Final = watch
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.ensure()
        return self

    def ensure(self) -> None:
        """Start it where it does not run, and wait until it listens. Raises OperatorFault where it does not come up."""
        if self._process is not None and self._process.poll() is None:
            return
        self._process = spawn(self._command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            code = self._process.wait()
            raise OperatorFault(
                "the practice venue did not start",
                why=f"it ended with exit code {code}",
                exit_code=ExitCode(code) if code in set(ExitCode) else ExitCode.VENUE,
            )

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        process.communicate()
        self._watch.forget_venue()


def supervise_paper(
    engine: Sequence[str], venue: Sequence[str], watch: "PaperWatch", row: Row | None = None
) -> Ended:
    """Run the command `engine` at a venue that the command `venue` starts, until it ends for good; how it did.

    Raises what `supervise` raises, and OperatorFault where there is no venue.
    """
    with VenueProcess(venue, watch) as served:

        def on_again(again: Again) -> None:
            served.ensure()
            watch.on_again(again)

        return supervise(
            [*engine, "--venue", str(watch.venue())],
            row=Row() if row is None else row,
            stands_against=watch.stands_against,
            on_again=on_again,
        )


class PaperWatch:
    """What a supervisor has to know of a paper run."""

    def __init__(
        self, loaded: LoadedConfig, runs_dir: Path, kill_file: Path | None, tell: Callable[[str], None]
    ) -> None:
        self._loaded = loaded
        self._runs_dir = runs_dir
        self._kill_file = kill_file
        self._tell = tell
        dataset = load(loaded.sources())
        code = code_identity(os.environ)  # noqa: TID251 - as the process that is supervised reads it
        self._run_id: Final = identify(loaded, dataset, code.code_hash).run_id

    def venue(self) -> Path:
        """Directory of the run's practice venue."""
        return practice_directory(self._runs_dir, self._run_id)

    def run(self) -> RunDirectory | None:
        """The run's directory while it has no end marker."""
        return unfinished(self._runs_dir, self._run_id)

    def forget_venue(self) -> None:
        """Take away what the venue of a run remembers that has ended; tell what cannot be."""
        if self.run() is not None or not os.path.lexists(self.venue()):
            return
        try:
            shutil.rmtree(self.venue())
        except OSError as error:
            self._tell(f"the venue's memory stays in {self.venue()}: {error.strerror or error}")

    def stands_against(self) -> str:
        """The kill file, in words; empty where there is none, or no run yet that could have one."""
        found, run = self._kill_file, self.run()
        if found is None and run is not None:
            said = run.control / KILL_FILE
            found = Path(os.fsdecode(said.read_bytes())) if said.exists() else run.kill_file
        return KillWatch(found).found() if found is not None else ""

    def on_again(self, again: Again) -> None:
        """Tell it, and add a line to `control/restarts.jsonl` of the run, durable before the process starts."""
        self._tell(
            f"the run ended by {again.ended.how}; started again in {again.wait_ms / 1000:g} s "
            f"({again.number} in a row)"
        )
        run = self.run()
        if run is None or not run.control.is_dir():
            return
        line = msgspec.json.encode(
            {
                "ts": now_ns(),
                "ended_by": again.ended.how,
                "lived_ms": again.ended.lived_ms,
                "wait_ms": again.wait_ms,
                "number": again.number,
            }
        )
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(run.control / RESTARTS, flags, FILE_MODE), "wb") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
