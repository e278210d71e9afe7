"""results/regimes.json and results/hours.json, and the regimes' lines of the summary."""

from pathlib import Path
from typing import Final

from veracity.data.dataset import Dataset
from veracity.domain.summary_models import (
    HoursFile,
    Regime,
    RegimesFile,
    StrategyHours,
    StrategyStrata,
)
from veracity.research import strata, time_of_day
from veracity.research.files import publish
from veracity.research.results import Results
from veracity.research.summary import document

REGIMES_FILE: Final = "regimes.json"
HOURS_FILE: Final = "hours.json"


def regimes_file(results: Results, dataset: Dataset, run_id: str) -> RegimesFile:
    """Every strategy by volatility regime."""
    found = strata.by_regime(results, dataset)
    return RegimesFile(
        run_id=run_id,
        strategies=tuple(StrategyStrata(strategy_id=name, rows=rows) for name, rows in found.items()),
    )


def hours_file(results: Results, run_id: str) -> HoursFile:
    """Every strategy by hour and weekday."""
    opens = results.timeline.open_ts
    weekdays = strata.by_stamp(results, strata.weekdays, strata.WEEKDAYS)
    found = []
    for name, book in results.books.items():
        hours = time_of_day.stratify(book, opens)
        found.append(
            StrategyHours(strategy_id=name, hours=hours.rows, weekdays=weekdays[name], test=hours.test)
        )
    return HoursFile(run_id=run_id, strategies=tuple(found))


def regime_lines(file: RegimesFile) -> tuple[Regime, ...]:
    """The short form that a summary holds; `unknown` is a regime like the others."""
    return tuple(
        Regime(strategy_id=one.strategy_id, regime=row.name.lower(), bars=row.bars, change=row.pnl)
        for one in file.strategies
        for row in one.rows
    )


def write_strata(regimes: RegimesFile, hours: HoursFile, directory: Path) -> None:
    """Write both files into the results of a run, each checked against its schema first, each whole or not at all."""
    for name, file in ((REGIMES_FILE, regimes), (HOURS_FILE, hours)):
        content = document(file)
        type(file).model_validate_json(content)
        publish(directory / name, content)
