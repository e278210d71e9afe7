"""Signs and empty blocks: contributions to the equity become costs, which are positive where they were paid."""

import numpy as np
from tests.kit.market import BTC, bars_of, dataset_of
from tests.kit.players import puppet
from tests.research.runs import played

from veracity.research.attribution import Lines
from veracity.research.measures import attribution_line, costs, drawdown_block, pnl
from veracity.research.timeline import timeline

LINES = Lines(
    gross=100,
    latency=-1,
    spread=-2,
    impact=3,
    rounding=-4,
    fees=-5,
    funding=-6,
    borrow=-7,
    liquidation=-8,
    net=70,
)


def test_what_was_paid_is_a_positive_cost_and_a_contribution_keeps_its_sign() -> None:
    told = pnl(LINES)
    parts = (told.gross, told.costs, told.fees, told.funding, told.borrow, told.liquidation, told.net)
    assert [part.units for part in parts if part] == [100, 4, 5, -6, 7, 8, 70]
    book = played({BTC: bars_of([100_00] * 3)}, puppet("a", ())).books["a"]
    paid = costs(book, LINES, {})
    parts = (paid.latency, paid.spread, paid.impact, paid.rounding, paid.fees, paid.borrow)
    assert [part.units for part in parts if part] == [1, 2, -3, 4, 5, 7]
    assert (paid.liquidation.units, paid.traded.units) == (8, 0)
    line = attribution_line(BTC, LINES)
    parts = (line.gross, line.latency, line.spread, line.impact, line.rounding)
    assert [part.units for part in parts if part] == [100, -1, -2, 3, -4]
    assert [part.units for part in (line.fees, line.funding, line.borrow, line.liquidation, line.net)] == [
        -5,
        -6,
        -7,
        -8,
        70,
    ]


def test_a_curve_that_never_falls_has_an_empty_drawdown() -> None:
    lived = timeline(dataset_of({BTC: bars_of([100_00] * 3)}))
    block = drawdown_block(lived, 5, np.array([5, 5, 6], dtype=np.int64))
    assert (block.max_drawdown.value, block.amount.units, block.top) == (0.0, 0, ())
    assert (block.bars_under_water, block.longest_bars_under_water) == (0, 0)
    assert (block.peak_ts, block.trough_ts, block.recovery_ts) == (None, None, None)
    nothing = drawdown_block(lived, 5, np.zeros(0, dtype=np.int64))
    assert nothing.max_drawdown.value is None
    assert nothing.max_drawdown.reason
