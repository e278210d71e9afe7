"""A sweep on a real Dask scheduler: its rows are those of one process, whoever of the workers dies."""

import shutil
import signal
from pathlib import Path

import pytest
from tests.app.clusters import cluster
from tests.app.small_run import write_config
from tests.kit.process import PATIENCE_S

import veracity
from veracity.app import sweep_executor
from veracity.app.config_text import read_file
from veracity.app.sweep_run import Sweep, go_on, start
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.research.sweep import SweepPlan
from veracity.research.sweep_axes import Axis

CACHE = Path(__file__).parents[2] / "build" / "kernel"
PARAMS = "strategies.sma.params."
PLAN = SweepPlan(
    "random",
    (
        Axis(f"{PARAMS}fast", tuple(map(str, range(2, 22)))),
        Axis(f"{PARAMS}slow", tuple(map(str, range(20, 80)))),
    ),
    160,
    7,
)


def now() -> int:
    return 1_700_000_000 * 10**9


def begin(folder: Path) -> Sweep:
    folder.mkdir(exist_ok=True)
    return start(
        read_file(write_config(folder)), PLAN, runs_dir=folder / "runs", clock=now, state_hashes=True
    )


def tables(sweep: Sweep) -> list[bytes]:
    return [(sweep.root / "results" / f"{name}.parquet").read_bytes() for name in ("trials", "returns")]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a scheduler may take long to answer; who waits in vain need not wait for long."""
    monkeypatch.setattr(sweep_executor, "CONNECT_S", PATIENCE_S)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    sweep = begin(tmp_path_factory.mktemp("local"))
    go_on(sweep, cache=CACHE, clock=now)
    return tables(sweep)


def test_a_worker_that_is_killed_in_mid_sweep_changes_no_byte_of_the_tables(
    tmp_path: Path, local: list[bytes]
) -> None:
    sweep = begin(tmp_path / "a")
    seen: list[int] = []
    with cluster(tmp_path, workers=2) as crew:

        def heard(done: int, left: int) -> None:
            if not seen:
                crew.workers[0].send_signal(signal.SIGKILL)
            seen.append(done)

        go_on(sweep, cache=CACHE, clock=now, address=crew.address, heard=heard)
        assert crew.workers[0].wait(PATIENCE_S) == -signal.SIGKILL
    assert seen[0] < 20  # it was killed early, and the rest came from the other
    assert tables(sweep) == local
    numbers = [row["trial"] for row in sweep.rows()]
    assert numbers == list(range(160))


def test_a_worker_of_other_code_is_refused_by_name_before_it_is_asked(tmp_path: Path) -> None:
    other = tmp_path / "src"
    shutil.copytree(
        Path(veracity.__file__).parent, other / "veracity", ignore=shutil.ignore_patterns("__pycache__")
    )
    with (other / "veracity" / "__init__.py").open("a") as file:
        file.write("# another line\n")
    sweep = begin(tmp_path / "a")
    with cluster(tmp_path, workers=1) as crew:
        crew.add_workers(1, code=other)
        with pytest.raises(OperatorFault, match="not like the process that asks it") as refused:
            go_on(sweep, cache=CACHE, clock=now, address=crew.address)
    assert refused.value.exit_code == ExitCode.UNSAFE
    assert refused.value.where.startswith("tcp://127.0.0.1:")
    assert refused.value.why.startswith("code ")
    assert sweep.rows() == []


def test_a_scheduler_without_workers_and_none_at_all_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = begin(tmp_path / "a")
    with cluster(tmp_path, workers=0) as crew:
        with pytest.raises(OperatorFault, match="has no worker") as alone:
            go_on(sweep, cache=CACHE, clock=now, address=crew.address)
        assert alone.value.exit_code == ExitCode.TIMEOUT
        gone = crew.address
    monkeypatch.setattr(sweep_executor, "CONNECT_S", 1.0)
    with pytest.raises(OperatorFault, match="no scheduler answers") as silent:
        go_on(sweep, cache=CACHE, clock=now, address=gone)
    assert silent.value.exit_code == ExitCode.VENUE


def test_when_the_last_worker_dies_the_sweep_stops_and_can_go_on(
    tmp_path: Path, local: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_executor, "ALONE_PULSES", 1)
    monkeypatch.setattr("veracity.research.sweep.PULSE_S", 0.5)
    sweep = begin(tmp_path / "a")
    with cluster(tmp_path, workers=1) as crew:

        def heard(done: int, left: int) -> None:
            crew.workers[0].kill()

        with pytest.raises(OperatorFault, match="lost its workers") as lost:
            go_on(sweep, cache=CACHE, clock=now, address=crew.address, heard=heard)
    assert lost.value.exit_code == ExitCode.TIMEOUT
    assert 0 < len(sweep.rows()) < 160
    go_on(sweep, cache=CACHE, clock=now)
    assert tables(sweep) == local
