"""Tables for other tools: whole numbers, and nothing where nothing is known."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.kit.market import BTC, dataset_of, usd
from tests.kit.players import NO_LIMITS, puppet
from tests.research.runs import played, run_baselines, summary_of, walk

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.research.baselines import plan, table
from veracity.research.export import export_run, whole
from veracity.research.summary import write_summary
from veracity.research.tables import write_tables


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with baselines, of which the carry could not run."""
    market = dataset_of({BTC: walk(3, 200)})
    planned = plan(market, BTC, usd(1_000), 0, NO_LIMITS)
    rows = table(run_baselines(market, planned, usd(1_000))[1], planned)
    results = played(market, puppet("a", (1_000, 0) * 20))
    write_summary(summary_of(results, baselines=rows), tmp_path / "run")
    write_tables(results, tmp_path / "run" / "results")
    return tmp_path / "run"


@pytest.mark.ticket("T-233")
def test_exported_baselines_keep_their_order_and_have_no_zeros_where_one_could_not_run(
    run: Path, tmp_path: Path
) -> None:
    written = export_run(run, tmp_path / "out", "parquet")
    assert [path.stem for path in written] == ["trades", "fills", "equity", "attribution", "baselines"]
    rows = pq.read_table(tmp_path / "out" / "baselines.parquet").to_pylist()
    assert [row["name"] for row in rows] == [
        "buy_and_hold",
        "no_trade",
        "momentum",
        "mean_reversion",
        "carry",
    ]
    assert rows[1]["equity_end_1e8"] == usd(1_000)
    assert {
        rows[4][name] for name in ("equity_end_1e8", "net_1e8", "fees_1e8", "trades", "total_return")
    } == {None}


def test_a_run_without_results_has_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(OperatorFault, match="no summary") as caught:
        export_run(tmp_path / "none", tmp_path / "out", "csv")
    assert caught.value.exit_code == ExitCode.FINDING
    assert not (tmp_path / "out").exists()


def test_decimals_become_whole_numbers_and_null_stays_null() -> None:
    column = pa.array([None, "-1.00000001", "92233720368.54775807"]).cast(pa.decimal128(38, 8))
    found = whole(pa.table({"net": column}))
    assert found["net_1e8"].to_pylist() == [None, -100_000_001, 2**63 - 1]
    too_large = pa.array(["92233720368.54775808"]).cast(pa.decimal128(38, 8))
    with pytest.raises(OverflowError, match="64 bits"):
        whole(pa.table({"net": too_large}))
