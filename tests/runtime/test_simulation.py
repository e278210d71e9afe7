"""The same inputs give the same run, whatever the process, the directory and the order of files."""

import json
from pathlib import Path

import pytest
from tests.app.small_run import write_bars
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, PERP, START, bars_of, dataset_of, funding_of
from tests.kit.players import puppet
from tests.kit.process import fresh
from tests.kit.script import IDENTITY
from tests.runtime.same_run import fingerprint, run

from veracity.data.dataset import Source, load
from veracity.domain.events import (
    CancelRequested,
    CheckpointMarked,
    ModeChanged,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderSubmitted,
    RunFinished,
)
from veracity.domain.time import NS_PER_MINUTE
from veracity.runtime.simulation import first_ts
from veracity.simulator.costs import CostModel
from veracity.state.hash import state_hash


@pytest.mark.ticket("T-024")
@pytest.mark.parametrize("hash_seed", [0, 1])
def test_another_process_with_another_hash_seed_and_directory_ends_in_the_same_state(
    hash_seed: int, tmp_path: Path
) -> None:
    here = fingerprint(run())
    there = json.loads(fresh("tests.runtime.same_run", cwd=tmp_path, hash_seed=hash_seed))
    assert there["state"] == here["state"]
    assert len(here["state"]) == 64
    assert there["records"] > 5_000


@pytest.mark.ticket("T-223")
def test_the_journals_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    assert json.loads(fresh("tests.runtime.same_run", cwd=tmp_path, hash_seed=1)) == fingerprint(run())


def source(folder: Path, symbol: str) -> Source:
    return Source(
        symbol=symbol,
        kind="spot",
        base=symbol[:3],
        quote="USDT",
        price_scale=2,
        qty_scale=3,
        tick=1,
        lot=1,
        notional_min=0,
        interval_ns=NS_PER_MINUTE,
        bars=folder / f"{symbol}.parquet",
    )


@pytest.mark.ticket("T-223")
def test_the_order_in_which_the_files_were_made_does_not_matter(tmp_path: Path) -> None:
    closes = {
        BTC: [100_00 + 10 * (bar % 9) for bar in range(40)],
        ETH: [50_00 + 10 * (bar % 7) for bar in range(40)],
    }
    seen = []
    for name, order in (("one", (BTC, ETH)), ("two", (ETH, BTC))):
        folder = tmp_path / name
        folder.mkdir()
        for symbol in order:
            write_bars(folder / f"{symbol}.parquet", closes[symbol])
        dataset = load([source(folder, BTC), source(folder, ETH)])
        players = [puppet("a", (1_000, 0) * 20, ETH), puppet("b", (1_000, 0) * 20, BTC)]
        seen.append((dataset.dataset_hash, run_small_backtest(dataset, players).records))
    assert seen[0] == seen[1]
    assert len(seen[0][1]) > 150


def test_the_seed_is_part_of_the_run_and_the_only_source_of_chance() -> None:
    market = {BTC: bars_of([100_00 + 10 * (bar * 7 % 23) for bar in range(60)])}
    jitter = CostModel(latency_jitter_ns=50 * 10**9)
    prices = {}
    for seed in (1, 1, 2):
        players = [puppet("a", (1_000, 0) * 30)]
        done = run_small_backtest(market, players, costs=jitter, identity=IDENTITY._replace(seed=seed))
        filled = tuple((event.ts, event.price) for event in done.all(OrderFilled))
        assert prices.setdefault(seed, filled) == filled
    assert prices[1] != prices[2]


def test_a_run_ends_with_the_hash_of_the_state_before_its_last_record() -> None:
    done = run_small_backtest({BTC: bars_of([100_00] * 5)}, [puppet("a", (1_000, 0))])
    finished, marked = done.events[-2:]
    assert isinstance(finished, RunFinished)
    assert isinstance(marked, CheckpointMarked)
    before = done.folded(done.records[:-1])
    assert marked.state_hash == state_hash(before)


def test_a_run_begins_with_the_first_bar_or_the_first_settlement() -> None:
    bars = bars_of([100_00] * 2)
    for stamps, begin in (((), START), ((START + 1,), START), ((START - 1, START + 5), START - 1)):
        settled = funding_of([(ts, 1, 100_00) for ts in stamps])
        assert first_ts(dataset_of({BTC: bars, PERP: bars}, {PERP: settled})) == begin


def test_what_the_venue_says_at_the_last_instant_is_heard_before_the_end() -> None:
    """The last decision's order arrives at once, but there is no bar left for it to trade in."""
    done = run_small_backtest({BTC: bars_of([100_00] * 3)}, [puppet("a", (0, 0, 1_000))])
    kinds = [type(event) for event in done.events]
    assert kinds[kinds.index(OrderSubmitted) :] == [
        OrderSubmitted,
        OrderAccepted,
        CancelRequested,
        OrderCancelled,
        ModeChanged,
        RunFinished,
        CheckpointMarked,
    ]
