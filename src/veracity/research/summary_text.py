"""summary.md, from a summary alone: nothing is computed here."""

from collections.abc import Iterable, Sequence

from veracity.domain.summary_models import Baseline, StrategySummary, Summary
from veracity.domain.time import ts_text
from veracity.research.wording import count, money, number, percent


def markdown(summary: Summary) -> str:
    """The summary as Markdown, ending in a newline."""
    manifest, period = summary.manifest, summary.period
    parts = [
        f"# Run {manifest.run_id}",
        f"{period.first or 'no bar'} to {period.last or 'no bar'} (UTC, bar open), {count(period.bars)} bars.",
        _warnings(summary.warnings),
        "## Strategies and baselines",
        _headline(summary),
    ]
    for strategy in summary.strategies:
        parts += [f"## {strategy.strategy_id}", _strategy(strategy)]
        if strategy.denials:
            rows = [(one.rule, one.ticket, count(one.count)) for one in strategy.denials]
            parts += ["Intents that were refused:", _table(("rule", "ticket", "intents"), rows)]
    parts += ["## Provenance", _provenance(summary)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _warnings(texts: Sequence[str]) -> str:
    return "\n".join(f"- Warning: {text}" for text in texts)


def _headline(summary: Summary) -> str:
    head = (
        "",
        "equity at end",
        "net",
        "return",
        "max drawdown",
        "Sharpe (365 d)",
        "trades",
        "fees",
        "funding",
    )
    rows = [_own(strategy) for strategy in summary.strategies]
    rows += [_baseline(baseline) for baseline in summary.baselines or ()]
    return _table(head, rows)


def _own(strategy: StrategySummary) -> tuple[str, ...]:
    ratios = strategy.ratios
    return (
        f"**{strategy.strategy_id}**",
        f"{money(strategy.equity_end)} {strategy.currency}",
        money(strategy.pnl.net, signed=True),
        percent(ratios.total_return, signed=True),
        percent(strategy.drawdown.max_drawdown),
        number(ratios.sharpe_annual),
        count(strategy.trades.closed + strategy.trades.open),
        money(strategy.pnl.fees),
        money(strategy.pnl.funding, signed=True),
    )


def _baseline(baseline: Baseline) -> tuple[str, ...]:
    if baseline.status == "not_applicable":
        return (baseline.name, f"not applicable: {baseline.reason}", *[""] * 7)
    return (
        baseline.name,
        money(baseline.equity_end),
        money(baseline.net, signed=True),
        percent(baseline.total_return, signed=True),
        percent(baseline.max_drawdown),
        number(baseline.sharpe_annual),
        count(baseline.trades),
        money(baseline.fees),
        money(baseline.funding, signed=True),
    )


def _strategy(strategy: StrategySummary) -> str:
    pnl, costs, fall, trades = strategy.pnl, strategy.costs, strategy.drawdown, strategy.trades
    recovery = "not recovered" if fall.recovery_ts is None else f"recovered {ts_text(fall.recovery_ts)}"
    rows = [
        ("gross at reference prices", money(pnl.gross, signed=True)),
        ("latency, paid", money(costs.latency)),
        ("spread, paid", money(costs.spread)),
        ("impact, paid", money(costs.impact)),
        ("rounding, paid", money(costs.rounding)),
        ("fees, paid", money(pnl.fees)),
        ("borrow, paid", money(pnl.borrow)),
        ("liquidation, paid", money(pnl.liquidation)),
        ("funding, received", money(pnl.funding, signed=True)),
        ("net", money(pnl.net, signed=True)),
        ("max drawdown", f"{percent(fall.max_drawdown)}, {count(fall.bars_under_water)} bars under water"),
        ("", recovery if fall.trough_ts is not None else ""),
        ("longest under water", f"{count(fall.longest_bars_under_water)} bars"),
        ("win rate", percent(trades.win_rate)),
        ("profit factor", number(trades.profit_factor)),
        ("time in the market", percent(strategy.ratios.exposure)),
        ("turnover", number(costs.turnover)),
        (
            "round trips / fills / intents",
            f"{count(trades.closed)} / {count(trades.fills)} / {count(trades.intents)}",
        ),
    ]
    return _table((strategy.strategy, strategy.currency), [row for row in rows if row[1]])


def _provenance(summary: Summary) -> str:
    manifest = summary.manifest
    rows = [
        ("run id", manifest.run_id),
        ("config", manifest.config_hash),
        ("dataset", manifest.dataset_hash),
        ("code", manifest.code_hash),
        ("features", manifest.feature_hash),
        ("environment", manifest.env_hash),
        ("git", manifest.git_sha),
        ("seed", str(manifest.seed)),
        ("final state", summary.state_hash or "the run did not end in order"),
    ]
    rows += [(one.name, one.version) for one in manifest.versions]
    return _table(("what", "value"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
