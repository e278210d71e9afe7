"""What a supervisor has to know of a paper run: what stands against starting it again, and where a start is written down."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from veracity.app.backtest import identify
from veracity.app.config import LoadedConfig
from veracity.app.control import KILL_FILE
from veracity.app.paper import unfinished
from veracity.app.supervisor import Again
from veracity.app.wall_clock import now_ns
from veracity.data.dataset import load
from veracity.forensics.code_identity import code_identity
from veracity.forensics.files import FILE_MODE
from veracity.forensics.run_directory import RunDirectory
from veracity.runtime.kill_watch import KillWatch

RESTARTS: Final = "restarts.jsonl"


class PaperWatch:
    """Asked between two lives of a paper run. Only a crash leads here, so it may load the data to learn the run's id."""

    def __init__(
        self, loaded: LoadedConfig, runs_dir: Path, kill_file: Path | None, tell: Callable[[str], None]
    ) -> None:
        self._loaded = loaded
        self._runs_dir = runs_dir
        self._kill_file = kill_file
        self._tell = tell
        self._run_id = ""

    def stands_against(self) -> str:
        """The kill file, in words; empty where there is none, or no run yet that could have one."""
        found, run = self._kill_file, self._run()
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
        run = self._run()
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

    def _run(self) -> RunDirectory | None:
        if not self._run_id:
            dataset = load(self._loaded.sources())
            code = code_identity(os.environ)  # noqa: TID251 - as the process that is supervised reads it
            self._run_id = identify(self._loaded, dataset, code.code_hash).run_id
        return unfinished(self._runs_dir, self._run_id)
