"""Checks the instruments of a config against each other and turns them into integer units, once."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from veracity.app.config_findings import Findings
from veracity.app.config_lines import Path as KeyPath
from veracity.data.aux_series import AuxSource
from veracity.data.checks import GapLimits
from veracity.data.columns import STAMP, SYMBOL
from veracity.data.dataset import Source
from veracity.data.outliers import OutlierLimits
from veracity.domain.amounts import INT64_MAX, MONEY_SCALE, RATE_SCALE
from veracity.domain.config_models import AuxConfig, InstrumentConfig
from veracity.domain.instruments import scales_fit
from veracity.domain.regimes import REGIME
from veracity.domain.time import NS_PER_US, interval_ns
from veracity.state.model import FUNDING

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
AT_ONCE: Final = "0s"
KEPT_NAMES: Final = {
    FUNDING: "it comes from the file of its settlements",
    REGIME: "the engine keeps it",
    "bars": "it is the bars",
    "funding": "it is the settlements",
}
DATE_LENGTH: Final = len("2023-02-14")


def resolve(instruments: Mapping[int, InstrumentConfig], findings: Findings) -> dict[int, Source]:
    """The sources that can be used, by their number in the config; what is wrong is added to `findings`."""
    seen: dict[str, int] = {}
    sources = {}
    for number, instrument in instruments.items():
        path = ("instruments", number)
        before = len(findings.faults)
        if instrument.symbol in seen:
            first = findings.document.place(("instruments", seen[instrument.symbol], "symbol"))
            findings.add((*path, "symbol"), "used twice", f"{instrument.symbol} is in {first} already")
        seen.setdefault(instrument.symbol, number)
        source = _source(instrument, path, findings)
        if len(findings.faults) == before:
            sources[number] = source
    return sources


def moment_ns(text: str) -> int:
    """Nanoseconds UTC of a date (its midnight) or an RFC 3339 time. Raises ValueError, also without a time zone."""
    if len(text) == DATE_LENGTH:
        day = date.fromisoformat(text)
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    else:
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("it has no time zone; write UTC as 2023-02-14T08:00:00Z")
    moment_ns = (moment - EPOCH) // timedelta(microseconds=1) * NS_PER_US
    if not 0 <= moment_ns <= INT64_MAX:
        raise ValueError("it is not between 1970 and 2262")
    return moment_ns


def _source(config: InstrumentConfig, path: KeyPath, findings: Findings) -> Source:
    _check_rules(config, path, findings)
    start, end = (_moment(getattr(config, key), (*path, key), findings) for key in ("start", "end"))
    if start is not None and end is not None and not start < end:
        findings.add((*path, "end"), "must be after start", f"{config.end} is not after {config.start}")
    return Source(
        symbol=config.symbol,
        kind=config.kind,
        base=config.base,
        quote=config.quote,
        price_scale=config.price_scale,
        qty_scale=config.qty_scale,
        tick=findings.units((*path, "tick"), config.tick, config.price_scale, "price_scale"),
        lot=findings.units((*path, "lot"), config.lot, config.qty_scale, "qty_scale"),
        notional_min=findings.units((*path, "notional_min"), config.notional_min, MONEY_SCALE),
        interval_ns=interval_ns(config.interval),
        bars=_data_file(config.bars, (*path, "bars"), findings),
        funding=None if config.funding is None else _data_file(config.funding, (*path, "funding"), findings),
        start_ts=start,
        end_ts=end,
        gaps=config.gaps,
        gap_limits=GapLimits(config.gap_total_max, config.gap_run_max),
        duplicates=config.duplicates,
        funding_gaps=config.funding_gaps,
        outliers=_outlier_limits(config, path, findings),
        aux=tuple(
            _aux(one, [before.name for before in config.aux[:number]], (*path, "aux", number), findings)
            for number, one in enumerate(config.aux)
        ),
    )


def _aux(config: AuxConfig, taken: Sequence[str], path: KeyPath, findings: Findings) -> AuxSource:
    if config.name in KEPT_NAMES:
        findings.add((*path, "name"), f"{config.name} cannot be named here", KEPT_NAMES[config.name])
    if config.name in taken:
        findings.add((*path, "name"), "used twice", f"the instrument has a series {config.name} already")
    if config.lag is None and config.available is None:
        findings.add(
            (*path, "lag"),
            "missing key",
            f"nothing says when a value of {config.name} was known",
            'name the column of its publication, available = ..., or how long that took, lag = "5m"',
        )
    for key, name in (("column", config.column), ("available", config.available)):
        if name in (STAMP, SYMBOL) or (key == "available" and name == config.column):
            findings.add((*path, key), "is another column", f'it is "{name}"')
    _check_gap_limits(config, path, findings)
    if config.interval is None and config.gaps != "reject":
        findings.add(
            (*path, "gaps"), "has no effect", "gaps are judged by the interval", "add interval = ..."
        )
    lengths = {
        key: 0 if text in (None, AT_ONCE) else interval_ns(text)
        for key, text in (("period", config.period), ("lag", config.lag))
    }
    return AuxSource(
        name=config.name,
        file=_data_file(config.file, (*path, "file"), findings),
        column=config.column,
        symbol=config.symbol,
        scale=config.scale,
        period_ns=lengths["period"],
        lag_ns=lengths["lag"],
        available=config.available,
        interval_ns=None if config.interval is None else interval_ns(config.interval),
        gaps=config.gaps,
        gap_limits=GapLimits(config.gap_total_max, config.gap_run_max),
        duplicates=config.duplicates,
        max_age_ns=None if config.max_age is None else interval_ns(config.max_age),
        critical=config.critical,
    )


def _outlier_limits(config: InstrumentConfig, path: KeyPath, findings: Findings) -> OutlierLimits:
    exceptions = []
    for number, exception in enumerate(config.exceptions):
        stamp = _moment(exception.ts, (*path, "exceptions", number, "ts"), findings)
        exceptions.append((stamp or 0, exception.reason))
    return OutlierLimits(
        return_abs_max=findings.units((*path, "return_abs_max"), config.return_abs_max, RATE_SCALE),
        wick_abs_max=findings.units((*path, "wick_abs_max"), config.wick_abs_max, RATE_SCALE),
        exceptions=tuple(exceptions),
    )


def _check_rules(config: InstrumentConfig, path: KeyPath, findings: Findings) -> None:
    if not scales_fit(config.price_scale, config.qty_scale):
        total = config.price_scale + config.qty_scale
        findings.add(
            (*path, "qty_scale"),
            f"price_scale + qty_scale must be at most {MONEY_SCALE}",
            f"they are {config.price_scale} + {config.qty_scale} = {total}",
            f"values are exact in units of 10^-{MONEY_SCALE} only then; leave out decimals that the data does not use",
        )
    if config.base == config.quote:
        findings.add((*path, "quote"), "must differ from base", f"both are {config.base}")
    if config.kind == "spot" and config.funding is not None:
        findings.add(
            (*path, "funding"), "only a perpetual has funding", f"{config.symbol} is spot", 'kind = "perp"?'
        )
    _check_gap_limits(config, path, findings)
    if config.kind == "perp" and config.funding is None:
        hint = "without its settlements a perpetual would look better than it is"
        findings.add((*path, "funding"), "missing key", f"{config.symbol} is a perpetual", hint)


def _check_gap_limits(config: InstrumentConfig | AuxConfig, path: KeyPath, findings: Findings) -> None:
    if config.gaps == "reject":
        for key in ("gap_total_max", "gap_run_max"):
            if getattr(config, key) is not None:
                findings.add(
                    (*path, key), "has no effect", "gaps are rejected", 'add gaps = "allow", or leave it out'
                )


def _data_file(written: str, path: KeyPath, findings: Findings) -> Path:
    """The absolute path of a data file; a fault where there is none that can be read."""
    found = (findings.document.folder / written).resolve()
    if not found.exists():
        is_whole = Path(written).is_absolute()
        hint = "has it been moved or removed?" if is_whole else "paths are relative to the config file"
        findings.add(path, "there is no such file", written, hint)
    elif not found.is_file():
        findings.add(path, "is not a file", written)
    elif not os.access(found, os.R_OK):
        findings.add(path, "cannot be read", written, "check the permissions")
    return found


def _moment(text: str | None, path: KeyPath, findings: Findings) -> int | None:
    if text is None:
        return None
    try:
        return moment_ns(text)
    except ValueError as error:
        findings.add(path, "is not a date or an RFC 3339 time", str(error), "for example 2023-02-14")
        return None
