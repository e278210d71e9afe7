"""What a run came to: computed again from its files and by hand."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.app.real_runs import (
    EXAMPLES,
    FREE,
    HOLD,
    MINUTE,
    START,
    document,
    events_of,
    run,
    write_config,
)

from veracity.app.backtest import RunOutcome
from veracity.domain.events import FeeCharged, OrderFilled

Example = Callable[[str], RunOutcome]
UNIT = Decimal(10) ** -8


@pytest.mark.ticket("T-199")
def test_the_summary_has_the_pnl_of_a_trade_that_a_hand_can_compute(tmp_path: Path) -> None:
    """0.1 bought at 30,000 and sold at 31,000, 5 bp a side: 100 gross, 1.50 + 1.55 fees, 96.95 net."""
    costs = FREE.replace("fee_taker = 0", "fee_taker = 0.0005")
    config = write_config(tmp_path, costs, HOLD, closes=[3_000_000, 3_050_000, 3_100_000])
    summary = document(run(config, tmp_path / "runs").run_dir / "summary.json")
    pnl = summary["strategies"][0]["pnl"]
    assert {name: pnl[name]["units"] for name in ("gross", "fees", "net")} == {
        "gross": 10_000_000_000,
        "fees": 305_000_000,
        "net": 9_695_000_000,
    }
    total = summary["total"]
    assert total["equity_end"]["units"] - total["equity_start"]["units"] == 9_695_000_000


@pytest.mark.parametrize("name", EXAMPLES)
def test_net_is_the_change_of_equity_and_what_the_journal_paid(example: Example, name: str) -> None:
    ran = example(name)
    fees = sum(event.amount for event in events_of(ran.run_dir) if isinstance(event, FeeCharged))
    total = ran.summary["total"]
    pnl = {key: line["units"] for key, line in total["pnl"].items()}
    assert total["equity_end"]["units"] - total["equity_start"]["units"] == pnl["net"]
    assert pnl["fees"] == fees > 0
    assert pnl["gross"] - pnl["costs"] - pnl["fees"] + pnl["funding"] - pnl["borrow"] == pnl["net"]


@pytest.mark.ticket("T-200")
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_drawdown_is_what_a_plain_loop_over_the_equity_file_gives(example: Example, name: str) -> None:
    ran = example(name)
    table = pq.read_table(ran.run_dir / "results" / "equity.parquet")
    ids = table["strategy_id"].to_pylist()
    stamps = table["ts"].cast(pa.int64()).to_pylist()
    equity = [int(value / UNIT) for value in table["equity"].to_pylist()]
    for strategy in ran.summary["strategies"]:
        rows = [row for row, name in enumerate(ids) if name == strategy["strategy_id"]]
        block = strategy["drawdown"]
        found = _deepest(strategy["equity_start"]["units"], [(stamps[row], equity[row]) for row in rows])
        assert found == {key: block[key]["units"] if key == "amount" else block[key] for key in found}


def _deepest(start: int, curve: Iterable[tuple[int, int]]) -> dict[str, int | None]:
    """The fall that was deepest relative to its peak, in one pass."""
    peak, peak_ts = start, None
    falls: list[dict[str, Any]] = []
    falling: dict[str, Any] | None = None
    for ts, value in curve:
        if value >= peak:
            if falling is not None:
                falling["recovery_ts"] = ts
                falling = None
            peak, peak_ts = value, ts
            continue
        if falling is None:
            falling = {
                "peak": peak,
                "peak_ts": peak_ts,
                "amount": 0,
                "recovery_ts": None,
                "bars_under_water": 0,
            }
            falls.append(falling)
        falling["bars_under_water"] += 1
        if peak - value > falling["amount"]:
            falling.update(amount=peak - value, trough_ts=ts)
    deepest = max(falls, key=lambda fall: Decimal(fall["amount"]) / fall["peak"])
    return {
        key: deepest[key] for key in ("amount", "peak_ts", "trough_ts", "recovery_ts", "bars_under_water")
    }


@pytest.mark.ticket("T-208")
def test_a_position_is_closed_on_the_last_bar_and_its_trade_says_why(tmp_path: Path) -> None:
    closes = [190_00, 195_00, 200_00]
    hold = HOLD.replace("qty = 0.1", "qty = 0.5")
    ran = run(write_config(tmp_path, FREE, hold, closes=closes), tmp_path / "runs")
    (trade,) = (
        pq.read_table(ran.run_dir / "results" / "trades.parquet")
        .select(["side", "qty", "entry_price", "exit_price", "exit_reason", "net"])
        .to_pylist()
    )
    assert trade == {
        "side": "long",
        "qty": Decimal("0.5"),
        "entry_price": Decimal(190),
        "exit_price": Decimal(200),
        "exit_reason": "forced_close",
        "net": Decimal(5),
    }
    entry, leave = (event for event in events_of(ran.run_dir) if isinstance(event, OrderFilled))
    assert (entry.ts, leave.ts) == (START + MINUTE, START + 3 * MINUTE)
    assert (leave.side, leave.qty, leave.price) == ("sell", 500, 200_00)
    assert ran.summary["strategies"][0]["trades"]["open"] == 0


def test_what_is_still_held_stays_in_the_summary_where_no_close_is_asked_for(tmp_path: Path) -> None:
    config = write_config(tmp_path, FREE, HOLD)
    ran = run(config, tmp_path / "runs", "run.close_at_end=false")
    assert (
        ran.summary["strategies"][0]["trades"] | {"open": 1, "closed": 0}
        == ran.summary["strategies"][0]["trades"]
    )
    assert [event.side for event in events_of(ran.run_dir) if isinstance(event, OrderFilled)] == ["buy"]
