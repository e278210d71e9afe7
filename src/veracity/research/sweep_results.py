"""What the trials of a sweep came to: a table of all, and the equity of each, a column a trial, for statistics that need both."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from veracity.domain.market import Column
from veracity.domain.time import NS_PER_DAY
from veracity.research.files import publish
from veracity.research.memory_journal import MemoryJournal
from veracity.research.results import collect
from veracity.research.trial_log import Row
from veracity.runtime.simulation import Plan, first_ts, simulate

PREFIX: Final = "trial_"
RESULTS: Final = "results"
METRICS: Final = ("final_equity", "net", "fees", "funding", "fills", "trades", "state_hash")


def by_events(plan: Plan) -> tuple[dict[str, Any], list[int]]:
    """Metrics and equity of a trial, event by event: what the kernel comes to, where it does not cover a plan."""
    journal = MemoryJournal()
    state = simulate(plan, journal)
    results = collect(journal, plan.dataset, state)
    name = plan.bound[0].strategy_id
    book, account = results.books[name], state.accounts[name]
    metrics = {
        "final_equity": book.equity_end,
        "net": book.equity_end - account.cash_start,
        "fees": account.fees,
        "funding": account.funding,
        "fills": account.fills,
        "trades": sum(trade.exit_ts is not None for trade in book.trades),
        "state_hash": results.state_hash,
    }
    sampled = _samples(results.timeline.known, first_ts(plan.dataset), book.equity)
    return metrics, [*sampled.tolist(), book.equity_end]


def _samples(known: Column, begin: int, equity: Column) -> Column:
    """Equity on the first bar that is known at or after each UTC midnight behind `begin`."""
    day = known // NS_PER_DAY
    before = np.concatenate(([begin // NS_PER_DAY], day[:-1]))
    return equity[day > np.maximum(before, begin // NS_PER_DAY)]


def write_results(rows: Sequence[Row], sweep: Path) -> None:
    """Write results/trials.parquet, a row a trial, and results/returns.parquet: equity (money) at each UTC midnight of the
    data, and at the end, of the trials that ran. Equal rows give equal bytes."""
    flat = [
        {key: row[key] for key in ("trial", "seed", "status", "error")}
        | {f"param {key}": row["params"][key] for key in sorted(row["params"])}
        | {name: (row["metrics"] or {}).get(name) for name in METRICS}
        | {"event_path": row.get("event_path")}
        for row in rows
    ]
    kept = {f"{PREFIX}{row['trial']}": pa.array(row["equity"], pa.int64()) for row in rows if row["equity"]}
    for name, table in (("trials", pa.Table.from_pylist(flat)), ("returns", pa.table(kept))):
        content = BytesIO()
        pq.write_table(table, content)
        publish(sweep / RESULTS / f"{name}.parquet", content.getvalue())
