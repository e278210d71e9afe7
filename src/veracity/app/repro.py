"""Make a run again from its own config and data, and compare what came out, byte by byte."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from veracity.app import config
from veracity.app.backtest import MODE as BACKTEST
from veracity.app.backtest import run_backtest
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.manifest import read_manifest
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.frame import FORMAT_VERSION
from veracity.journal.upgrade import backup_of
from veracity.research import trial_ledger
from veracity.research.run_statistics import STATISTICS_FILE
from veracity.research.summary import MARKDOWN_FILE

IDENTITY: Final = ("run_id", "config_hash", "dataset_hash", "code_hash", "feature_hash", "env_hash", "seed")


class Reproduced(NamedTuple):
    """What was compared, and what differs: names of files, and of the identity's parts that explain it."""

    files: int
    differing: tuple[str, ...]
    identity: tuple[str, ...]


def reproduce(
    run_dir: Path, *, clock: Callable[[], int], progress: Callable[[int, int], None] | None = None
) -> Reproduced:
    """Run the config of `run_dir` again, beside it, and compare journal, results, summary and logs.

    Nothing of the run is written; the new one is thrown away. Raises what a backtest raises, and OperatorFault where the
    run did not come to its end, so that there is nothing to compare (exit code 5), or was no backtest (2): what operators
    said to it, and when, is in its journal alone.
    """
    run = RunDirectory(run_dir)
    run.require_summary()
    if (mode := read_manifest(run.manifest).mode) != BACKTEST:
        raise OperatorFault(
            f"only a backtest can be made again from its config and data, and this is a {mode} run",
            where=str(run.root),
            hint=f"run it again with what its journal says was told to it: veracity replay {run.root} --rerun",
            exit_code=ExitCode.USAGE,
        )
    loaded = config.load(run.config)
    with TemporaryDirectory(prefix="veracity-repro-") as scratch:
        _asked_before(run, Path(scratch))
        again = run_backtest(loaded, runs_dir=Path(scratch), clock=clock, progress=progress)
        made = RunDirectory(again.run_dir)
        first, second = digests(run), digests(made)
        manifests = [json.loads(one.manifest.read_bytes()) for one in (run, made)]
    names = sorted(first.keys() | second.keys())
    return Reproduced(
        len(names),
        tuple(name for name in names if first.get(name) != second.get(name)),
        tuple(name for name in IDENTITY if manifests[0][name] != manifests[1][name]),
    )


def _asked_before(run: RunDirectory, runs_dir: Path) -> None:
    """Count below `runs_dir` the trials that the run found on its dataset: its statistics rest on their number."""
    file = run.results / STATISTICS_FILE
    if not file.exists():
        return
    strategies = json.loads(file.read_bytes())["strategies"]
    before = min(one["statistics"]["trials"] for one in strategies) - len(strategies)
    dataset_hash = json.loads(run.manifest.read_bytes())["dataset_hash"]
    trial_ledger.record(runs_dir, dataset_hash, "before", before)


def digests(run: RunDirectory) -> dict[str, str]:
    """SHA-256 of every file that a repeated run must repeat. Left out: the manifest's stamp, the page, the end marker.

    Of a journal that was rewritten in another format since, it is the one that was set aside in the format of today.
    """
    set_aside = backup_of(run.wal, FORMAT_VERSION)
    found = {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for name, folder in (
            (run.wal.name, set_aside if set_aside.is_dir() else run.wal),
            (run.results.name, run.results),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    files = (run.summary, run.root / MARKDOWN_FILE, run.events, run.audit)
    found |= {path.name: path for path in files if path.exists()}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}
