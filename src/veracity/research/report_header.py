"""The top of the report: what was run, what came of it, and how far to believe that, before anything else."""

from typing import Final

from veracity.domain.summary_models import Summary
from veracity.research.markup import Child, Markup, el
from veracity.research.report_evidence import Panels
from veracity.research.report_tables import minus
from veracity.research.wording import count, money, number, percent, when

TRUST: Final = ("untrustworthy", "unknown", "trustworthy")
"""Verdicts, the one to be shown where several differ first."""


def header(summary: Summary, title: str, panels: Panels) -> Markup:
    """What was run, and the numbers to see first."""
    period = summary.period
    symbols = dict.fromkeys(symbol for strategy in summary.strategies for symbol in strategy.symbols)
    cards = [*_cards(summary), *_belief(panels)]
    return el(
        "header",
        el("p", "Backtest", class_="kicker"),
        el("h1", title),
        el(
            "p",
            f"{', '.join(symbols) or 'no instrument'}: {when(period.first) or 'no bar'} to {when(period.last) or 'no bar'}, "
            f"{count(period.bars)} bars. All times are UTC, bar open.",
        ),
        el("dl", cards, class_="cards") if cards else None,
    )


def _cards(summary: Summary) -> list[Markup]:
    """The numbers to see first: those of all strategies together."""
    total, strategies = summary.total, summary.strategies
    if total is None:
        return []
    ratios, pnl, fall = total.ratios, total.pnl, total.drawdown
    net = 0 if pnl.net is None else pnl.net.units
    tone = "gain" if net > 0 else "loss" if net < 0 else None
    whose = strategies[0].strategy_id if len(strategies) == 1 else f"{len(strategies)} strategies"
    rows = [
        (f"Net, {total.currency}", money(pnl.net, signed=True), whose, tone),
        ("Return", percent(ratios.total_return, signed=True), "after all costs", tone),
        (
            "Max drawdown",
            percent(fall.max_drawdown),
            f"{count(fall.bars_under_water)} bars under water",
            None,
        ),
        ("Sharpe", number(ratios.sharpe_annual), "daily returns, 365 days", None),
        ("Fees", money(pnl.fees), minus(f"funding {money(pnl.funding, signed=True)}"), None),
        ("In the market", percent(ratios.exposure), "share of the bars", None),
    ]
    return [_card(name, minus(value), note, tone) for name, value, note, tone in rows]


def _belief(panels: Panels) -> list[Markup]:
    """How far the numbers before may be believed, at first sight."""
    cards = []
    walked, judged, score = panels.walk_forward, panels.statistics, panels.reality
    verdicts = [] if judged is None else [one.statistics for one in judged.strategies]
    if walked is not None:
        verdicts.append(walked.statistics)
    if verdicts:
        least = min(verdicts, key=lambda one: TRUST.index(one.verdict))
        trials = "1 trial" if least.trials == 1 else f"{count(least.trials)} trials"
        link = el("a", least.verdict, href="#statistics")
        cards.append(_card("Verdict", link, f"{trials} on {number(least.years)} years", None))
    if score is not None:
        link = el("a", f"{score.score} of 100", href="#reality")
        unknown = sum(one.value is None for one in score.components)
        note = "every part is known" if not unknown else f"{unknown} of {len(score.components)} parts unknown"
        cards.append(_card("Reality score", link, note, None))
    return cards


def _card(name: str, value: Child, note: str, tone: str | None) -> Markup:
    return el("div", el("dt", name), el("dd", value, class_=tone), el("dd", note, class_="note"))
