"""summary.json and summary.md: what a run came to (schemas/summary.schema.json, specs/backtest/reports.md S-090).

The file is built from the run's results, its manifest and its baselines, checked against its schema before it takes
its name, and the Markdown is made from the file's content alone.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import BaseModel

from veracity.domain.canonical import canonical_json
from veracity.domain.errors import EngineFault
from veracity.domain.market import Column
from veracity.domain.summary_models import (
    Baseline,
    BaselinesFile,
    Incident,
    ManifestDigest,
    Period,
    Regime,
    StrategySummary,
    Summary,
    Total,
)
from veracity.domain.time import ts_text
from veracity.guards.summary import RiskBlock
from veracity.research import measures
from veracity.research.attribution import Attribution, Lines, attribute
from veracity.research.cautions import cautions
from veracity.research.files import publish
from veracity.research.results import Book, Results
from veracity.research.risk_block import risk_block
from veracity.research.summary_text import markdown

SUMMARY_FILE: Final = "summary.json"
MARKDOWN_FILE: Final = "summary.md"
BASELINES_FILE: Final = "baselines.json"


def manifest_digest(manifest: Mapping[str, Any]) -> ManifestDigest:
    """The part of a manifest (the content of manifest.json) that a summary repeats, word for word.

    Raises pydantic.ValidationError, which names the fields, where one is missing or of another form.
    """
    return ManifestDigest.model_validate_json(
        canonical_json({name: manifest[name] for name in ManifestDigest.model_fields if name in manifest})
    )


def build(
    results: Results,
    manifest: ManifestDigest,
    baselines: Sequence[Baseline] | None = None,
    notes: Sequence[str] = (),
    regimes: Sequence[Regime] | None = None,
    risk: RiskBlock | None = None,
) -> Summary:
    """The summary of a run. `notes` are warnings of others, such as gaps in the data; `regimes` the equity's cut,
    `risk` what the rules did.

    Raises EngineFault where the manifest is not that of the run.
    """
    _compare(results, manifest)
    attribution = attribute(results)
    lived = results.timeline
    opens = lived.open_ts
    first, last = (int(opens[0]), int(opens[-1])) if len(opens) else (None, None)
    strategies = tuple(_strategy(results, book, attribution) for book in results.books.values())
    rows = None if baselines is None else tuple(baselines)
    return Summary(
        manifest=manifest,
        state_hash=results.state_hash if results.finished else None,
        finished=results.finished,
        period=Period(
            first_ts=first,
            last_ts=last,
            first=None if first is None else ts_text(first),
            last=None if last is None else ts_text(last),
            interval_ns=lived.interval_ns,
            bars=len(opens),
        ),
        total=_total(results, attribution.total),
        strategies=strategies,
        baselines=rows,
        regimes=None if regimes is None else tuple(regimes),
        risk=None if risk is None else risk_block(risk),
        incidents=tuple(
            Incident(kind=kind, count=count) for kind, count in sorted(results.incidents.items())
        ),
        warnings=(*cautions(results, strategies, rows), *notes),
    )


def write_summary(summary: Summary, directory: Path) -> None:
    """Write `summary.json` and `summary.md` into a run directory, each whole or not at all.

    Raises pydantic.ValidationError where the content does not satisfy the schema: then nothing is written.
    """
    content = document(summary)
    checked = Summary.model_validate_json(content)
    publish(directory / SUMMARY_FILE, content)
    publish(directory / MARKDOWN_FILE, markdown(checked).encode())


def write_baselines(summary: Summary, directory: Path) -> None:
    """Write `baselines.json` into a directory; only for a run that has baselines."""
    assert summary.baselines is not None
    file = BaselinesFile(run_id=summary.manifest.run_id, baselines=summary.baselines)
    content = document(file)
    BaselinesFile.model_validate_json(content)
    publish(directory / BASELINES_FILE, content)


def read_summary(path: Path) -> Summary:
    """The summary that a file holds. Raises pydantic.ValidationError where it is none."""
    return Summary.model_validate_json(path.read_bytes())


def document(model: BaseModel) -> bytes:
    """A document's bytes: JSON for people and tools, two spaces, one order of keys."""
    return model.model_dump_json(indent=2, by_alias=True).encode() + b"\n"


def added_equity(results: Results) -> tuple[int, Column] | None:
    """Starting money and equity curve of all strategies together; None where currencies differ or there is none."""
    books = list(results.books.values())
    if len({book.started.currency for book in books}) != 1:
        return None
    return sum(book.equity_start for book in books), np.sum([book.equity for book in books], axis=0)


def _compare(results: Results, manifest: ManifestDigest) -> None:
    if results.run is None:
        raise EngineFault("the events do not begin with run_started")
    for name in ("run_id", "config_hash", "dataset_hash", "code_hash", "seed"):
        said, ran = getattr(manifest, name), getattr(results.run, name)
        if said != ran:
            raise EngineFault(f"the manifest says {name} {said}, run_started says {ran}")


def _strategy(results: Results, book: Book, attribution: Attribution) -> StrategySummary:
    started, lived, start = book.started, results.timeline, book.equity_start
    lines = attribution.by_strategy[book.strategy_id]
    return StrategySummary(
        strategy_id=book.strategy_id,
        strategy=started.strategy,
        version=started.version,
        currency=started.currency,
        symbols=tuple(leg.symbol for leg in started.legs),
        equity_start=measures.amount(start),
        equity_end=measures.amount(book.equity_end),
        pnl=measures.pnl(lines),
        costs=measures.costs(book, lines, results.instruments),
        attribution=tuple(
            measures.attribution_line(symbol, part)
            for symbol, part in attribution.by_symbol[book.strategy_id].items()
        ),
        drawdown=measures.drawdown_block(lived, start, book.equity),
        trades=measures.trades(book),
        ratios=measures.ratios(lived, start, book.equity, book.exposed),
        months=measures.month_rows(lived, start, book.equity),
        denials=measures.denial_rows(book.denials),
    )


def _total(results: Results, lines: Lines | None) -> Total | None:
    added = added_equity(results)
    if added is None or lines is None:
        return None
    start, equity = added
    books = list(results.books.values())
    exposed = np.logical_or.reduce([book.exposed for book in books])
    return Total(
        currency=books[0].started.currency,
        equity_start=measures.amount(start),
        equity_end=measures.amount(int(equity[-1]) if len(equity) else start),
        pnl=measures.pnl(lines),
        drawdown=measures.drawdown_block(results.timeline, start, equity),
        ratios=measures.ratios(results.timeline, start, equity, exposed),
    )
