"""summary.json: the run's own numbers, in whole units, checked before they are written."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from referencing import Registry, Resource
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, PERP, START, bars_of, dataset_of, funding_of, instrument, usd
from tests.kit.players import NO_LIMITS, player, puppet
from tests.oracles import plain_books
from tests.research.runs import MANIFEST, played, results_of, run_baselines, summary_of, targets, walk

from veracity.domain.errors import EngineFault
from veracity.domain.events import FeeCharged, OrderFilled, RunStarted
from veracity.research.baselines import plan, table
from veracity.research.summary import build, manifest_digest, read_summary, write_baselines, write_summary
from veracity.research.tables import write_tables
from veracity.simulator.costs import CostModel
from veracity.strategies.registry import REGISTRY

FIVE_BP = CostModel(fee_taker=500_000)
SCHEMAS = Path(__file__).parents[2] / "schemas"


def written(tmp_path: Path, *args: Any, **options: Any) -> Any:
    """The parsed summary.json of a small run."""
    write_summary(summary_of(played(*args, **options)), tmp_path)
    return json.loads((tmp_path / "summary.json").read_bytes())


def schema_errors(document: Any, pointer: str) -> list[str]:
    """What the schema file, not the model that was made from it, has against a document."""
    files = {
        name: json.loads((SCHEMAS / name).read_text())
        for name in ("summary.schema.json", "common.schema.json")
    }
    registry: Registry[Any] = Registry().with_resources(
        [(name, Resource.from_contents(content)) for name, content in files.items()]
    )
    validator = jsonschema.Draft202012Validator({"$ref": f"summary.schema.json{pointer}"}, registry=registry)
    return [error.message for error in validator.iter_errors(document)]


@pytest.mark.ticket("T-198")
def test_the_manifest_block_repeats_manifest_json_even_if_the_config_is_edited_later(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("seed = 1")
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    run = run_small_backtest({BTC: bars_of([100_00] * 4)}, [puppet("a", (1_000,))])
    config.write_text("seed = 2")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    write_summary(build(results_of(run), manifest_digest(manifest)), tmp_path)
    block = json.loads((tmp_path / "summary.json").read_bytes())["manifest"]
    assert block == {name: manifest[name] for name in block}
    assert {"run_id", "config_hash", "dataset_hash", "feature_hash", "env_hash", "git_sha", "seed"} < set(
        block
    )
    assert block["strategy_versions"][0]["version"] == 1
    (start,) = run.all(RunStarted)
    assert block["run_id"] == start.run_id


@pytest.mark.ticket("T-198")
@pytest.mark.parametrize("name", ["run_id", "config_hash", "dataset_hash", "code_hash", "seed"])
def test_a_manifest_of_another_run_is_refused(name: str) -> None:
    other = {**MANIFEST, name: 2 if name == "seed" else "f" * len(MANIFEST[name])}
    results = played({BTC: bars_of([100_00] * 3)}, puppet("a", ()))
    with pytest.raises(EngineFault, match=f"the manifest says {name} .*, run_started says"):
        build(results, manifest_digest(other))


def test_a_manifest_without_a_field_is_refused_by_its_name() -> None:
    with pytest.raises(ValidationError, match="env_hash"):
        manifest_digest({name: value for name, value in MANIFEST.items() if name != "env_hash"})


@pytest.mark.ticket("T-199")
def test_a_round_trip_shows_gross_fees_and_net_in_whole_units(tmp_path: Path) -> None:
    """0.1 from 30,000 to 31,000 at 5 basis points a side: 100 - 1.50 - 1.55 = 96.95."""
    market = {BTC: bars_of([30_000_00, 30_000_00, 31_000_00, 31_000_00])}
    (strategy,) = written(tmp_path, market, puppet("a", (100, 100, 0)), costs=FIVE_BP)["strategies"]
    pnl = strategy["pnl"]
    assert [pnl[name]["units"] for name in ("gross", "fees", "net")] == [
        10_000_000_000,
        305_000_000,
        9_695_000_000,
    ]
    assert [pnl[name]["text"] for name in ("gross", "fees", "net")] == [
        "100.00000000",
        "3.05000000",
        "96.95000000",
    ]
    assert strategy["equity_end"]["units"] - strategy["equity_start"]["units"] == pnl["net"]["units"]


def test_net_is_exact_where_the_average_entry_price_is_not(tmp_path: Path) -> None:
    """0.1 at 100.00 and 0.2 at 100.01 average 100.00666...; out at 100.02: 0.002 + 0.002 before fees."""
    market = {BTC: bars_of([100_00, 100_01, 100_02, 100_02, 100_02])}
    (strategy,) = written(tmp_path, market, puppet("a", (100, 300, 0)), costs=FIVE_BP)["strategies"]
    fees = sum(
        -(-price * qty * 1_000 * 500_000 // 10**9)
        for price, qty in ((10_000, 100), (10_001, 200), (10_002, 300))
    )
    assert strategy["pnl"]["net"]["units"] == usd("0.004") - fees


def test_the_drawdown_block_agrees_with_a_plain_loop_over_the_equity_file(tmp_path: Path) -> None:
    """More bars than any chart has points, so a block made from thinned points would miss the true extremes."""
    results = played({BTC: walk(11, 2_500)}, puppet("a", targets(11, 2_500)), costs=FIVE_BP)
    write_tables(results, tmp_path)
    write_summary(summary_of(results), tmp_path)
    rows = pq.read_table(tmp_path / "equity.parquet").to_pylist()
    curve = [Fraction(row["equity"]) for row in rows]
    stamps = [START + index * 60 * 10**9 for index in range(2_500)]
    depth, peak, trough, recovery, bars = max(plain_books.falls(curve), key=lambda fall: fall[0])
    (strategy,) = json.loads((tmp_path / "summary.json").read_bytes())["strategies"]
    block = strategy["drawdown"]
    assert block["max_drawdown"]["value"] == pytest.approx(float(depth), rel=1e-11)
    assert (block["peak_ts"], block["trough_ts"]) == (stamps[peak], stamps[trough])
    assert block["recovery_ts"] == (None if recovery is None else stamps[recovery])
    assert block["bars_under_water"] == bars
    assert block["longest_bars_under_water"] == max(fall[4] for fall in plain_books.falls(curve))


@pytest.mark.ticket("T-200")
def test_a_run_that_ends_under_water_has_no_recovery(tmp_path: Path) -> None:
    market = {BTC: bars_of([100_00, 100_00, 110_00, 100_00])}
    (strategy,) = written(tmp_path, market, puppet("a", (1_000,)), close_at_end=False)["strategies"]
    block = strategy["drawdown"]
    assert block["recovery_ts"] is None
    assert block["bars_under_water"] == 1
    assert block["max_drawdown"]["value"] == pytest.approx(10 / 10_010, rel=1e-11)


@pytest.mark.ticket("T-217")
def test_fees_are_all_that_separates_a_run_from_the_free_one() -> None:
    """40 waves of ten bars up and ten down: 40 round trips, 80 fills."""
    wave = [100_00 + 100 * min(bar, 20 - bar) for bar in range(20)] * 40 + [100_00] * 5
    strategy = REGISTRY["momentum"]
    params = strategy.bind({"fast": 2, "slow": 5, "qty": 1}, instrument())
    trader = player("momo", BTC, strategy=strategy, params=params)
    free, paying = (
        run_small_backtest({BTC: bars_of(wave)}, [trader], costs=costs) for costs in (CostModel(), FIVE_BP)
    )
    assert len(paying.all(FeeCharged)) == len(paying.all(OrderFilled)) == 80
    said = [
        [(fill.ts, fill.side, fill.price, fill.qty, fill.trade_id) for fill in run.all(OrderFilled)]
        for run in (free, paying)
    ]
    assert said[0] == said[1]
    fees = sum(fee.amount for fee in paying.all(FeeCharged))
    without, with_fees = (summary_of(results_of(run)).strategies[0] for run in (free, paying))
    assert without.equity_end.units - with_fees.equity_end.units == fees == with_fees.pnl.fees.units
    assert with_fees.trades.closed == 40


def test_pnl_and_attribution_add_up_to_net_in_every_row() -> None:
    market = dataset_of({PERP: walk(4, 60)}, {PERP: funding_of([(START + 90 * 10**9, 1_000_000, 100_00)])})
    costs = CostModel(fee_taker=500_000, half_spread=300_000, impact=300_000_000, participation_max=5_000_000)
    summary = summary_of(played(market, puppet("a", targets(4, 60), PERP), costs=costs))
    (strategy,) = summary.strategies
    pnl = strategy.pnl
    assert pnl.gross is not None
    assert pnl.costs is not None
    assert (
        pnl.gross.units - pnl.costs.units - pnl.fees.units - pnl.borrow.units + pnl.funding.units
        == pnl.net.units
    )
    (line,) = strategy.attribution
    parts = (
        line.gross,
        line.latency,
        line.spread,
        line.impact,
        line.rounding,
        line.fees,
        line.funding,
        line.borrow,
    )
    assert sum(part.units for part in parts if part is not None) == line.net.units == pnl.net.units
    assert sum(month.change.units for month in strategy.months) == pnl.net.units


def test_the_total_adds_the_equities_bar_by_bar() -> None:
    market = {BTC: bars_of([100_00, 100_00, 110_00, 90_00, 100_00])}
    summary = summary_of(played(market, puppet("a", (1_000,) * 5), puppet("b", (0, 0, -500))))
    assert summary.total is not None
    assert summary.total.equity_start.units == usd(20_000)
    assert summary.total.pnl.net.units == sum(strategy.pnl.net.units for strategy in summary.strategies)
    assert summary.total.ratios.exposure.value == 0.6
    # 20,000 20,000 20,010 20,000 20,005: a long of 1 from 100, and a short of 0.5 from 110.
    assert summary.total.drawdown.amount.units == usd(10)


def test_accounts_in_different_currencies_have_no_total() -> None:
    market = {BTC: bars_of([100_00] * 3)}
    assert summary_of(played(market, puppet("a", ()), puppet("b", (), currency="EUR"))).total is None


def test_a_run_without_strategies_has_a_summary() -> None:
    summary = summary_of(played({BTC: bars_of([100_00] * 3)}))
    assert (summary.strategies, summary.total, summary.period.bars) == ((), None, 3)


def test_every_document_satisfies_the_schema_file_too(tmp_path: Path) -> None:
    market = dataset_of({BTC: walk(3, 200)})
    planned = plan(market, BTC, usd(1_000), 0, NO_LIMITS)
    rows = table(run_baselines(market, planned, usd(1_000))[1], planned)
    limits = NO_LIMITS.__class__(trades_per_day=2)
    results = played(market, puppet("a", targets(3, 200), limits=limits), puppet("b", ()), costs=FIVE_BP)
    summary = summary_of(results, baselines=rows, notes=("Something to know.",))
    write_summary(summary, tmp_path)
    write_baselines(summary, tmp_path / "results")
    document = json.loads((tmp_path / "summary.json").read_bytes())
    assert schema_errors(document, "") == []
    assert document["warnings"][-1] == "Something to know."
    document["strategies"][0]["pnl"]["net"]["units"] = 0.5
    assert schema_errors(document, "") != []
    assert read_summary(tmp_path / "summary.json") == summary


@pytest.mark.ticket("T-233")
def test_baselines_json_has_five_entries_in_order_and_satisfies_its_schema(tmp_path: Path) -> None:
    market = dataset_of({BTC: walk(3, 200)})
    planned = plan(market, BTC, usd(1_000), 0, NO_LIMITS)
    rows = table(run_baselines(market, planned, usd(1_000))[1], planned)
    write_baselines(summary_of(played(market, puppet("a", ())), baselines=rows), tmp_path)
    document = json.loads((tmp_path / "baselines.json").read_bytes())
    assert schema_errors(document, "#/$defs/BaselinesFile") == []
    names = [one["name"] for one in document["baselines"]]
    assert names == ["buy_and_hold", "no_trade", "momentum", "mean_reversion", "carry"]
    carry = document["baselines"][4]
    assert (carry["status"], carry["equity_end"], carry["trades"]) == ("not_applicable", None, None)
    assert carry["reason"]
    document["baselines"].pop()
    assert schema_errors(document, "#/$defs/BaselinesFile") != []


def test_a_summary_that_breaks_its_schema_is_not_written(tmp_path: Path) -> None:
    summary = summary_of(played({BTC: bars_of([100_00] * 3)}, puppet("a", ())))
    broken = summary.model_copy(update={"state_hash": "not a hash"})
    with pytest.raises(ValidationError, match="state_hash"):
        write_summary(broken, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_summary(
            summary_of(played({BTC: walk(3, 50)}, puppet("a", targets(3, 50)), costs=FIVE_BP)),
            tmp_path / name,
        )
    for file in ("summary.json", "summary.md"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_ratios_without_enough_observations_are_null_with_a_reason(tmp_path: Path) -> None:
    document = written(tmp_path, {BTC: bars_of([100_00] * 3)}, puppet("a", ()))
    (strategy,) = document["strategies"]
    assert strategy["ratios"]["sharpe_annual"] == {"value": None, "reason": "fewer than 2 returns"}
    assert strategy["ratios"]["sharpe_bar"] == {"value": None, "reason": "no variance"}
    assert strategy["trades"]["win_rate"] == {"value": None, "reason": "no closed trade"}
    assert strategy["trades"]["profit_factor"] == {"value": None, "reason": "no closed trade"}
    assert strategy["ratios"]["exposure"] == {"value": 0.0, "reason": None}
