"""The benchmark's task against a plain calculation that shares no code with the engine: whole numbers, one loop."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from bench import make_data, sma_cross

FAST, SLOW, QTY, CASH, FEE = 10, 50, Decimal("0.1"), Decimal(1_000_000), Decimal("0.0005")
CENT, UNIT = Decimal("0.01"), Decimal("0.00000001")


class Plain(NamedTuple):
    fills: list[tuple[int, str, Decimal]]  # bar of the fill, side, price
    final_equity: Decimal


def plain_sma(opens: list[int], closes: list[int]) -> Plain:
    """SMA(10) against SMA(50) of the close in cents; a decision on bar t fills at the open of bar t + 1."""
    cash, held, fills, wanted = CASH, False, [], ""
    for bar in range(len(closes)):
        if wanted:
            price = opens[bar] * CENT
            value = price * QTY
            fee = (value * FEE).quantize(UNIT, rounding="ROUND_CEILING")
            cash += (-value if wanted == "buy" else value) - fee
            held = wanted == "buy"
            fills.append((bar, wanted, price))
            wanted = ""
        if bar + 1 >= SLOW:
            fast, slow = sum(closes[bar + 1 - FAST : bar + 1]), sum(closes[bar + 1 - SLOW : bar + 1])
            if not held and fast * SLOW > slow * FAST:
                wanted = "buy"
            elif held and fast * SLOW < slow * FAST:
                wanted = "sell"
    return Plain(fills, cash + (closes[-1] * CENT * QTY if held else 0))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("bars")
    made = directory / "bars_6000.parquet"
    subprocess.run(
        [sys.executable, make_data.__file__, "--out", directory, "--bars", "6000", "--seed", "11"], check=True
    )
    made.rename(directory / "bars_1000000.parquet")
    return directory


def test_fills_and_final_equity_agree_with_the_plain_calculation(market: Path) -> None:
    dataset = sma_cross.first_bars(market, 6_000)
    bars = dataset.instruments[0].bars
    expected = plain_sma(bars.open.tolist(), bars.close.tolist())
    measured = sma_cross.run_event(dataset)
    assert len(expected.fills) > 100
    assert measured.fills == len(expected.fills)
    assert Decimal(measured.final_equity).scaleb(-8) == expected.final_equity


def test_a_tie_of_the_two_averages_changes_nothing() -> None:
    level = [100_00] * 60
    assert plain_sma(level, level) == Plain([], CASH)
    up_then_level = [*range(90_00, 100_00, 20), *[100_00] * 100]
    assert len(plain_sma(up_then_level, up_then_level).fills) == 1
    assert np.all(np.diff(up_then_level) >= 0)
