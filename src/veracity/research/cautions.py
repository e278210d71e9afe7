"""What a reader must know before believing a summary. Each warning is one sentence with its numbers."""

from collections.abc import Sequence

from veracity.domain.summary_models import Baseline, StrategySummary
from veracity.domain.time import NS_PER_DAY
from veracity.research.results import Results
from veracity.research.verdict import DAYS_FEW, TRADES_FEW


def cautions(
    results: Results, strategies: Sequence[StrategySummary], baselines: Sequence[Baseline] | None
) -> list[str]:
    """All warnings of a run, those on the run first."""
    found = _of_run(results)
    for strategy in strategies:
        found += _of_strategy(strategy)
        found += _against_baselines(strategy, baselines or ())
    return found + [
        f"The guards refused {one.denials} intents of the baseline {one.name}: it is held to the limits of the strategy."
        for one in baselines or ()
        if one.denials
    ]


def _of_run(results: Results) -> list[str]:
    found = []
    if not results.finished:
        found.append("The run did not end in order: the numbers cover what happened until it stopped.")
    for kind, count in sorted(results.incidents.items()):
        found.append(f"{count} x {kind.replace('_', ' ')}: read the events before trusting the numbers.")
    for book in results.books.values():
        for symbol, count in book.funding_unknown.items():
            found.append(
                f"{count} settlements of {symbol} are missing while {book.strategy_id} held it: its funding and net result "
                "are not known, and its equity, ratios and trades leave them out."
            )
    lived = results.timeline
    if len(lived.known):
        days = (int(lived.known[-1]) - int(lived.open_ts[0])) // NS_PER_DAY
        if days < DAYS_FEW:
            found.append(f"The data cover {days} whole days: ratios for a year are extrapolated from them.")
    return found


def _of_strategy(strategy: StrategySummary) -> list[str]:
    name, trades = strategy.strategy_id, strategy.trades
    found = []
    if trades.fills == 0:
        found.append(f"{name} never traded: {_why_not(strategy)}")
    elif trades.closed < TRADES_FEW:
        found.append(
            f"{name} made {trades.closed} round trips: fewer than {TRADES_FEW} say little about its rates."
        )
    if trades.open:
        found.append(f"{name} still holds a position: it is valued at the last close, and no exit was paid.")
    if strategy.pnl.gross is None:
        found.append(f"Not all costs of {name} are known, so its gross result is not known either.")
    return found


def _why_not(strategy: StrategySummary) -> str:
    """Of a strategy without fills: the rule that refused it most often, the first by name of equals."""
    if not strategy.denials:
        return "no wish of it was refused."
    most = max(strategy.denials, key=lambda denial: denial.count)
    return f"{most.count} x refused by {most.rule} ({most.ticket}); events.jsonl has each with its reason."


def _against_baselines(strategy: StrategySummary, baselines: Sequence[Baseline]) -> list[str]:
    own = strategy.ratios.total_return.value
    if own is None or strategy.trades.fills == 0:
        return []
    better = [
        baseline.name
        for baseline in baselines
        if baseline.total_return is not None
        and baseline.total_return.value is not None
        and baseline.total_return.value > own
    ]
    if not better:
        return []
    word = "baseline" if len(better) == 1 else "baselines"
    return [f"{strategy.strategy_id} returned less than the {word} {', '.join(better)}."]
