"""Configs for tests: a good one as text, and small changes of it."""

from pathlib import Path

from veracity.app.config import LoadedConfig, load
from veracity.domain.errors import OperatorFault, OperatorFaults


def spot(bars: object = "bars.parquet", qty_scale: int = 3) -> str:
    """The table of BTCUSDT in minutes, with ticks of a cent and lots of the last decimal of `qty_scale`."""
    return f"""\
[[instruments]]
symbol = "BTCUSDT"
kind = "spot"
base = "BTC"
quote = "USDT"
price_scale = 2
qty_scale = {qty_scale}
tick = 0.01
lot = {10**-qty_scale:.{qty_scale}f}
interval = "1m"
bars = "{bars}"
"""


INSTRUMENT = spot(qty_scale=5)

STRATEGY = """\
[[strategies]]
id = "sma"
strategy = "momentum"
legs = ["BTCUSDT"]
cash = 100000
[strategies.params]
fast = 10
slow = 50
qty = 0.5
"""

PERP = """\
[[instruments]]
symbol = "BTCUSDT-PERP"
kind = "perp"
base = "BTC"
quote = "USDT"
price_scale = 2
qty_scale = 5
tick = 0.1
lot = 0.001
interval = "1m"
bars = "bars.parquet"
funding = "funding.parquet"
"""

GOOD = INSTRUMENT + STRATEGY


def write(folder: Path, text: str, name: str = "run.toml") -> Path:
    """The config file, beside the data files that it names; they only have to be there."""
    for data in ("bars.parquet", "funding.parquet"):
        (folder / data).touch()
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str, *overrides: str) -> LoadedConfig:
    """The config that `text` is."""
    return load(write(folder, text), overrides)


def refused(folder: Path, text: str, *overrides: str) -> list[OperatorFault]:
    """The faults of a config that must be refused; where, without the folder."""
    path = write(folder, text)
    try:
        load(path, overrides)
    except OperatorFault as fault:
        faults = fault.faults if isinstance(fault, OperatorFaults) else (fault,)
        for one in faults:
            one.where = one.where.replace(f"{folder}/", "")
        return list(faults)
    raise AssertionError("the config was accepted")


def told(folder: Path, text: str, *overrides: str) -> list[str]:
    """Each fault in one line: where: what: why (hint)."""
    return [str(fault) for fault in refused(folder, text, *overrides)]


def only(folder: Path, text: str, *overrides: str) -> str:
    """The one fault of a config that has exactly one."""
    found = told(folder, text, *overrides)
    assert len(found) == 1, found
    return found[0]


def changed(old: str, new: str, text: str = GOOD) -> str:
    """`text` with one place changed; the place must be there exactly once."""
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)
