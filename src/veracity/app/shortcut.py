"""A config made from a strategy's name and one file of bars, where nobody wants to write one.

Everything that a config would say is taken from the file: scales from the decimals that its numbers need, the bar
length from its stamps, the symbol from its name. What is assumed beyond that (spot, default costs) is said.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from veracity.app.config_lines import Path as KeyPath
from veracity.app.config_text import Document, read_value
from veracity.data.columns import BARS, PRICES, STAMP
from veracity.data.findings import Report, faults_of
from veracity.data.gaps import usual_step
from veracity.data.raw import RawTable
from veracity.data.series import read_raw, symbols_of
from veracity.data.units import decimals_of, to_ns, to_units
from veracity.domain.amounts import MONEY_SCALE
from veracity.domain.config_models import PARAMS
from veracity.domain.errors import ExitCode, OperatorFault, OperatorFaults
from veracity.domain.instruments import scales_fit
from veracity.domain.time import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, NS_PER_SECOND

CASH: Final = "100000"
QUOTES: Final = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD", "EUR", "BTC", "ETH")
SYMBOL_IN_NAME: Final = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{5,20}(?![A-Z0-9])")
UNNAMED: Final = "ASSET-USD"
CURRENCY_MAX: Final = 12  # characters of a currency code
LENGTHS: Final = ((NS_PER_DAY, "d"), (NS_PER_HOUR, "h"), (NS_PER_MINUTE, "m"), (NS_PER_SECOND, "s"))
POSITION_SHARE: Final = Decimal("0.5")  # of the cash, at the first open, where no qty is given
SAMPLE_ROWS: Final = 10_000
POSITION_DIGITS: Final = 3  # that it is rounded down to


class Traits(NamedTuple):
    """What a file of bars tells about its instrument."""

    symbol: str
    price_scale: int
    qty_scale: int
    interval: str
    first_open: Decimal


def document(
    strategy: str, data: Path, params: Iterable[str] = (), cash: str | None = None, symbol: str | None = None
) -> Document:
    """The config of one strategy on one file; each value knows which option or which trait of the file it is from.

    Raises OperatorFaults (exit code 4) where the file cannot be read, OperatorFault (2) where an option has no value.
    """
    traits = read_traits(data, symbol)
    base, quote = split_symbol(traits.symbol)
    amount = _cash(cash or CASH)
    given = dict(_pair(param) for param in params)
    inferred = f"inferred from {data}"
    instrument: dict[str, Any] = {
        "symbol": traits.symbol,
        "kind": "spot",
        "base": base,
        "quote": quote,
        "price_scale": traits.price_scale,
        "qty_scale": traits.qty_scale,
        "tick": Decimal(1).scaleb(-traits.price_scale),
        "lot": Decimal(1).scaleb(-traits.qty_scale),
        "interval": traits.interval,
        "bars": str(data.resolve()),
    }
    settings = {key: value for key, (value, _) in given.items()}
    account = {
        "id": strategy[:12],
        "strategy": strategy,
        "legs": [traits.symbol],
        "cash": amount,
        "params": settings,
    }
    label = strategy.replace("_", "-")
    values = {"run": {"label": label}, "instruments": [instrument], "strategies": [account]}
    table: KeyPath = ("strategies", 0)
    origins: dict[KeyPath, str] = {("instruments", 0, key): inferred for key in instrument}
    origins |= {("instruments", 0, "kind"): "assumed", ("instruments", 0, "bars"): f"--data {data}"}
    origins |= {(*table, "legs"): inferred, (*table, "cash"): f"--cash {cash}" if cash else "assumed"}
    origins |= {table: f"--strategy {strategy}", (*table, "strategy"): f"--strategy {strategy}"}
    origins |= {(*table, "params", key): text for key, (_, text) in given.items()}
    if strategy in PARAMS and "qty" in PARAMS[strategy].model_fields and "qty" not in given:
        settings["qty"] = position(amount, traits)
        origins[*table, "params", "qty"] = "half of the cash at the first open"
    return Document("command line", Path.cwd(), values, {}, overrides=origins)


def read_traits(data: Path, symbol: str | None) -> Traits:
    """What the file of bars at `data` tells. Raises OperatorFaults (exit code 4) where it cannot be read."""
    report = Report(data)
    raw = read_raw(data, BARS, report)
    if raw is not None and raw.rows == 0:
        report.add("no_rows", "has no rows")
    if raw is None or report.refuses:
        raise OperatorFaults.of(faults_of(data, report.findings))
    price_scale, qty_scale = _scale(raw, PRICES, data), _scale(raw, ("volume",), data)
    if not scales_fit(price_scale, qty_scale):
        why = f"prices need {price_scale} decimals and volumes {qty_scale}, together at most {MONEY_SCALE}"
        raise _unclear(data, "its numbers are too fine for exact values", why)
    first = to_units(raw.column("open"), price_scale).values[0]
    return Traits(
        symbol=symbol or next(iter(symbols_of(raw)), None) or symbol_of(data),
        price_scale=price_scale,
        qty_scale=qty_scale,
        interval=_interval(raw, data),
        first_open=Decimal(int(first)).scaleb(-price_scale),
    )


def symbol_of(data: Path) -> str:
    """The first word of capitals and digits in a file's name: BTCUSDT in binance_spot_BTCUSDT_1m.parquet."""
    words = [word for word in SYMBOL_IN_NAME.findall(data.stem) if not word.isdigit()]
    return words[0] if words else UNNAMED


def split_symbol(symbol: str) -> tuple[str, str]:
    """Base and quote currency of a symbol, at its separator or before a known quote; otherwise the quote is USD."""
    parts = [part for part in re.split("[^A-Z0-9]+", symbol.upper()) if part]
    if len(parts) > 1:
        return parts[0][:CURRENCY_MAX], parts[1][:CURRENCY_MAX]
    letters = "".join(parts)
    quote = next(
        (quote for quote in QUOTES if letters.endswith(quote) and len(letters) > len(quote) + 1), None
    )
    if quote is None:
        return (letters or "ASSET")[:CURRENCY_MAX], "USD"
    return letters.removesuffix(quote)[:CURRENCY_MAX], quote


def position(cash: Decimal, traits: Traits) -> Decimal:
    """A quantity worth about half of the cash at the first open, at least one lot."""
    lot = Decimal(1).scaleb(-traits.qty_scale)
    if traits.first_open <= 0:
        return lot  # the checks of the data will say what is wrong
    wanted = cash * POSITION_SHARE / traits.first_open
    digits = Decimal(1).scaleb(wanted.adjusted() - POSITION_DIGITS + 1)
    return max(lot, wanted.quantize(max(lot, digits), ROUND_DOWN))


def _scale(raw: RawTable, columns: Iterable[str], data: Path) -> int:
    scales = [_decimals(raw.column(column)) for column in columns]
    known = [scale for scale in scales if scale is not None]
    if len(known) < len(scales):
        raise _unclear(
            data, "its numbers do not lie on a decimal grid", f"{MONEY_SCALE} decimals are not enough"
        )
    return max(known)


def _decimals(column: pa.Array) -> int | None:
    """As `decimals_of`, at the price of one pass where the first rows need as many decimals as the others."""
    guess = decimals_of(column.slice(0, SAMPLE_ROWS))
    if guess is not None and bool(to_units(column, guess).good.all()):
        return guess
    return decimals_of(column)


def interval_text(step_ns: int) -> str | None:
    """A bar length as a config writes it, such as 1m or 8h; None where it is not whole seconds."""
    fitting = [f"{step_ns // length}{unit}" for length, unit in LENGTHS if step_ns % length == 0]
    return fitting[0] if fitting else None


def _interval(raw: RawTable, data: Path) -> str:
    step = usual_step(to_ns(raw.column(STAMP)).values)
    text = None if step is None else interval_text(step)
    if text is None:
        why = "it has one bar only" if step is None else f"most bars are {step} ns apart"
        raise _unclear(data, "its bar length is unknown", why)
    return text


def _unclear(data: Path, what: str, why: str) -> OperatorFault:
    hint = "write a config and run it with -c: see examples/"
    return OperatorFault(what, where=str(data), why=why, hint=hint, exit_code=ExitCode.DATA)


def _cash(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise OperatorFault(
            "not an amount", where=f"--cash {text}", hint="--cash 100000", exit_code=ExitCode.USAGE
        )
    return amount


def _pair(param: str) -> tuple[str, tuple[Any, str]]:
    key, equals, value = param.partition("=")
    if not equals or not key.strip():
        where, hint = f"--param {param}", "for example --param fast=10"
        raise OperatorFault("not of the form key=value", where=where, hint=hint, exit_code=ExitCode.USAGE)
    return key.strip(), (read_value(value.strip()), f"--param {param}")
