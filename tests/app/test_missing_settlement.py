"""One settlement is missing while the perpetual is held: nothing stands in for it, neither in money nor in a row (T-352)."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.app.real_runs import CHECKOUT, MORNING

from veracity.app.backtest import run_backtest
from veracity.app.config import load
from veracity.data.dataset import load as load_data
from veracity.domain.errors import ExitCode, OperatorFaults
from veracity.runtime.feed import window_of
from veracity.strategies import funding_carry

MISSING = datetime(2024, 1, 10, 8, tzinfo=UTC)
HOUR = 3_600 * 10**9
MISSING_TS = int(MISSING.timestamp()) * 10**9


@pytest.fixture
def config(tmp_path: Path):
    """The carry of the examples up to the end of January, with its file of settlements or one that lacks that row."""
    whole = load(CHECKOUT / "examples/btc_funding_carry.toml").sources()[0].funding
    assert whole is not None
    table = pq.read_table(whole)
    near = pc.floor_temporal(table["ts"], unit="hour")
    lacking = table.filter(pc.not_equal(near, MISSING))
    assert len(lacking) == len(table) - 1
    pq.write_table(lacking, tmp_path / "lacking.parquet")

    def made(*settings: str):
        short = [f"instruments[{number}].end=2024-02-01" for number in (0, 1)]
        beside = f'instruments[0].funding="{tmp_path / "lacking.parquet"}"'
        return load(
            CHECKOUT / "examples/btc_funding_carry.toml",
            ["report.baselines=false", *short, beside, *settings],
        )

    return made


@pytest.mark.ticket("T-352")
def test_the_run_is_refused_by_the_name_of_the_stamp_and_leaves_nothing(config, tmp_path: Path) -> None:
    with pytest.raises(OperatorFaults) as refused:
        run_backtest(config(), runs_dir=tmp_path / "runs", clock=lambda: MORNING)
    assert refused.value.exit_code is ExitCode.DATA
    (fault,) = refused.value.faults
    assert "1 settlement is missing, about 2024-01-10T08:00:00Z" in fault.what
    assert fault.hint == "funding_gap: fetch the missing settlements; missing funding is not zero"
    assert not list((tmp_path / "runs").glob("*/*"))


@pytest.mark.ticket("T-352")
def test_where_it_may_be_missing_it_pays_nothing_and_is_no_number_in_a_row(config, tmp_path: Path) -> None:
    loaded = config('instruments[0].funding_gaps="mark_unknown"')
    ran = run_backtest(loaded, runs_dir=tmp_path / "runs", clock=lambda: MORNING)
    lines = (ran.run_dir / "events.jsonl").read_text(encoding="utf-8").splitlines()
    paid = [one for one in map(json.loads, lines) if one["kind"] == "funding_paid"]
    around = [(one["ts"] - MISSING_TS) // HOUR for one in paid if abs(one["ts"] - MISSING_TS) < 9 * HOUR]
    assert around == [-8, 8]  # it is held over it
    assert [one for one in paid if one["amount"] == 0 or one["rate"] == 0] == []
    window = window_of(load_data(loaded.sources()), loaded.strategies[0].bound.legs)
    known, sums = funding_carry.features(window, loaded.strategies[0].bound.params)
    unknown = [(int(ts) - MISSING_TS) // HOUR for ts in window.known_ts[known == 0]]
    assert unknown[-3:] == [0, 8, 16]  # with three settlements in a row, the missing one is in so many rows
    assert set(sums[known == 0].tolist()) == {0}
    assert ran.summary["strategies"][0]["pnl"]["net"] is None
