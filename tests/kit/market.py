"""A small market in numbers that can be checked by hand.

Prices have 2 decimals and quantities 3, so that `100_00` is 100.00 and `2_000` is 2.000; money is written by `usd`.
Bars are one minute long; the first one opens at `START`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from veracity.data.aux_series import AuxData, AuxSource
from veracity.data.dataset import Dataset, InstrumentData, Source
from veracity.domain.amounts import MONEY_SCALE, units_exact
from veracity.domain.events import InstrumentListed
from veracity.domain.instruments import Instrument
from veracity.domain.market import AuxSeries, Bars, FundingSeries
from veracity.domain.time import NS_PER_MINUTE

BTC, ETH, PERP = "BTCUSDT", "ETHUSDT", "BTCUSDT-PERP"
START = 19_389 * 86_400 * 10**9  # 2023-02-01T00:00:00Z, UTC day 19,389
MINUTE = NS_PER_MINUTE
FACTOR = 1_000  # money units per price unit and quantity unit: 10^(8 - 2 - 3)
VOLUME = 1_000_000  # 1,000.000 a bar: no order of a test takes a share that matters


def usd(amount: str | int) -> int:
    """Money units of a decimal amount: usd("0.10") is 10,000,000."""
    return units_exact(Decimal(amount), MONEY_SCALE)


def listed(symbol: str = BTC, **changes: Any) -> InstrumentListed:
    """An instrument with round rules; `seq` and `ts` are set by the engine's opening."""
    rules: dict[str, Any] = {
        "instrument_kind": "perp" if symbol.endswith("PERP") else "spot",
        "base": symbol[:3],
        "quote": "USDT",
        "price_scale": 2,
        "qty_scale": 3,
        "tick": 1,
        "lot": 1,
        "notional_min": 0,
        "interval_ns": MINUTE,
    }
    return InstrumentListed(seq=1, ts=0, symbol=symbol, **rules | changes)


def instrument(symbol: str = BTC, **changes: Any) -> Instrument:
    """The instrument that `listed` lists."""
    return Instrument.listed(listed(symbol, **changes))


def bars_of(
    closes: Sequence[int], *, start: int = START, interval: int = MINUTE, volume: int = VOLUME
) -> Bars:
    """Bars that open at the close before and end at `closes`, with nothing outside of the two."""
    close = np.asarray(closes, dtype=np.int64)
    opened = np.concatenate((close[:1], close[:-1]))
    return Bars(
        ts=start + interval * np.arange(len(close), dtype=np.int64),
        open=opened,
        high=np.maximum(opened, close),
        low=np.minimum(opened, close),
        close=close,
        volume=np.full(len(close), volume, dtype=np.int64),
    )


def funding_of(settlements: Sequence[tuple[int, int, int]]) -> FundingSeries:
    """A series of (stamp, rate in 10^-9, mark price)."""
    columns = np.asarray(settlements, dtype=np.int64).reshape(-1, 3)
    return FundingSeries(columns[:, 0], columns[:, 1], columns[:, 2])


def aux_of(
    name: str, values: Sequence[tuple[int, int, int]], *, max_age: int | None = None, critical: bool = False
) -> AuxData:
    """A series of (known at, value, about when)."""
    columns = np.asarray(values, dtype=np.int64).reshape(-1, 3)
    declared = AuxSource(name, Path("in-memory.parquet"), "value", max_age_ns=max_age, critical=critical)
    return AuxData(declared, AuxSeries(columns[:, 0], columns[:, 1], columns[:, 2]))


def dataset_of(
    market: Mapping[str, Bars],
    funding: Mapping[str, FundingSeries] | None = None,
    rules: Mapping[str, InstrumentListed] | None = None,
    aux: Mapping[str, Sequence[AuxData]] | None = None,
) -> Dataset:
    """A dataset in memory, instruments in the order of `market`."""
    settled = funding or {}
    return Dataset(
        instruments=tuple(
            InstrumentData(
                source=_source((rules or {}).get(symbol, listed(symbol))),
                bars=bars,
                funding=settled.get(symbol),
                gaps=(),
                aux=tuple((aux or {}).get(symbol, ())),
            )
            for symbol, bars in market.items()
        ),
        dataset_hash="d" * 64,
    )


def _source(rules: InstrumentListed) -> Source:
    return Source(
        symbol=rules.symbol,
        kind=rules.instrument_kind,
        base=rules.base,
        quote=rules.quote,
        price_scale=rules.price_scale,
        qty_scale=rules.qty_scale,
        tick=rules.tick,
        lot=rules.lot,
        notional_min=rules.notional_min,
        interval_ns=rules.interval_ns,
        bars=Path("in-memory.parquet"),
        funding=None,
        start_ts=None,
        end_ts=None,
        gaps="reject",
    )
