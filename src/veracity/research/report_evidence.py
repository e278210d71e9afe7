"""The report's parts that say how far the result may be believed: strata, folds, stress, statistics, reality score.

Each is drawn from one file that the reader can open; a file that is not there leaves its part out, never empty.
"""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Final, NamedTuple, TypeAlias

from veracity.domain.summary_models import (
    HoursFile,
    Ratio,
    RealityFile,
    RegimesFile,
    Statistics,
    StatisticsFile,
    Stratum,
    StressFile,
    WalkForwardFile,
)
from veracity.research.markup import Child, Markup, el
from veracity.research.measures import amount
from veracity.research.reality_score import ONE
from veracity.research.report_tables import minus, signed, signed_percent, table
from veracity.research.statistics.corrections import family_wise_error
from veracity.research.sweep_axes import Axis
from veracity.research.sweep_statistics import Judged
from veracity.research.trial_log import Row
from veracity.research.verdict import TRADES_FEW
from veracity.research.wording import count, money, number, percent, when

BEST_MAX: Final = 10
RETURNS: Final = {86_400: "daily returns", 3_600: "hourly returns"}
STRATA_HEAD: Final = ("Bars", "Trades", "Net", "Fees", "Hit rate", "Deepest fall", "Sharpe, a bar")


Measure: TypeAlias = tuple[str, Ratio, Callable[[Ratio], str], str]
"""Name, value, how that is written, and what it says."""


class SweepPanel(NamedTuple):
    """A finished sweep: what was searched, and every trial as `trials.jsonl` has it."""

    name: str
    search: str
    axes: tuple[Axis, ...]
    rows: Sequence[Row]
    judged: Judged | None = None


class Panels(NamedTuple):
    """The files that the parts are drawn from; None where there is none."""

    regimes: RegimesFile | None = None
    hours: HoursFile | None = None
    statistics: StatisticsFile | None = None
    reality: RealityFile | None = None
    walk_forward: WalkForwardFile | None = None
    stress: StressFile | None = None
    sweep: SweepPanel | None = None


def regimes(file: RegimesFile) -> list[Child]:
    """Every strategy by volatility regime."""
    note = (
        "A bar belongs to the regime that was known when it opened; a trade to that of its entry. UNKNOWN is the time "
        "before there is enough past, and behind gaps. The rows add up to the run."
    )
    return [
        table(
            f"{one.strategy_id} by volatility of its first instrument",
            ("Regime", *STRATA_HEAD),
            _strata(one.rows),
            note,
        )
        for one in file.strategies
    ]


def hours(file: HoursFile) -> list[Child]:
    """Every strategy by hour and weekday."""
    parts: list[Child] = []
    for one in file.strategies:
        test = one.test
        if test.best is None:
            said = f"{one.strategy_id}: too few bars an hour to judge any of them."
        else:
            p = "unknown" if test.p_adjusted.value is None else f"{test.p_adjusted.value:.3f}"
            said = f"{one.strategy_id}: {test.best}:00 UTC stands out most from the other hours; p {p} after the correction for 24 of them: {test.verdict}."
        tables = (
            table(
                f"{one.strategy_id} by UTC hour of the bar's open", ("Hour", *STRATA_HEAD), _strata(one.hours)
            ),
            table(f"{one.strategy_id} by UTC weekday", ("Weekday", *STRATA_HEAD), _strata(one.weekdays)),
        )
        parts += [el("p", said), el("details", el("summary", "Hours and weekdays as tables"), tables)]
    return parts


def statistics(found: Statistics, whose: str, known: int = 0) -> list[Child]:
    """The numbers with what each says in words, and the verdict above them.

    `known` trials are on the dataset by now: what was judged by fewer of them is not trusted any more.
    """
    believed, reasons = found.verdict, list(found.reasons)
    if found.trials < known:
        believed = "unknown" if believed == "trustworthy" else believed
        reasons.append(
            f"Judged by {found.trials:,} trials, and {known:,} are known by now: walk forward again."
        )
    verdict = el(
        "p",
        el("strong", f"{whose}: {believed}. "),
        " ".join(reasons),
        class_=f"verdict {believed}",
    )
    rows = [
        el("tr", el("th", name, scope="row"), el("td", value), el("td", text, class_="words"))
        for name, value, text in _statistics(found)
    ]
    return [
        verdict,
        table(f"Statistics of {whose}", ("Measure", "Value", "What it says"), rows, class_="said"),
    ]


def folds(file: WalkForwardFile) -> list[Child]:
    """Every fold of a walk-forward evaluation, and what they say together."""
    head = (
        "Tested from",
        "Chosen on train",
        "Sharpe on train, a year",
        "Net",
        "Return",
        "Sharpe on test, a year",
        "Max drawdown",
        "Trades",
    )
    rows = []
    for fold in file.folds:
        chosen = (
            ", ".join(f"{one.name.split('.')[-1]} {one.value}" for one in fold.settings) or "as configured"
        )
        cells = (
            el("td", chosen, class_="words"),
            el("td", minus(number(fold.train_sharpe_annual))),
            signed(fold.net),
            signed_percent(fold.total_return),
            el("td", minus(number(fold.sharpe_annual))),
            el("td", percent(fold.max_drawdown)),
            el("td", count(fold.trades)),
        )
        rows.append(el("tr", el("th", when(fold.test_first), scope="row"), cells))
    plan, joined = file.plan, file.joined
    said = (
        f"{joined.folds_positive} of {len(file.folds)} {plan.windows} folds won on bars that the choice had not seen: "
        f"{minus(money(joined.net, signed=True))} in all. Sharpe ratio a year "
        f"{minus(number(joined.train_sharpe_annual))} on train, {minus(number(joined.sharpe_annual))} on test."
    )
    note = f"Train {count(plan.train)} bars, left out {count(plan.holding + plan.embargo)}, test {count(plan.test)}; each fold starts flat with the starting cash."
    parts: list[Child] = [el("p", said), table("Every fold", head, rows, note, text_columns=2)]
    cross = file.cross_validation
    if cross is not None:
        known = sorted(one.value for one in cross.sharpe_annual if one.value is not None)
        shown = ", ".join(minus(f"{one:.2f}") for one in known) or "unknown"
        said = f"{cross.splits} splits make {cross.paths} paths, Sharpe ratios a year {shown}."
        parts.append(el("p", f"Combinatorial purged cross-validation: {said}"))
    return parts


def sweep(found: SweepPanel) -> list[Child]:
    """What a sweep tried, and the best of it, which is no result by itself."""
    ran = [row for row in found.rows if row["metrics"] is not None]
    best = sorted(ran, key=lambda row: (-row["metrics"]["net"], row["trial"]))[:BEST_MAX]
    rows = [
        el(
            "tr",
            el("th", str(row["trial"]), scope="row"),
            el(
                "td",
                ", ".join(f"{key.split('.')[-1]} {value}" for key, value in row["params"].items()),
                class_="words",
            ),
            signed(amount(row["metrics"]["net"])),
            el("td", money(amount(row["metrics"]["fees"]))),
            el("td", count(row["metrics"]["fills"])),
        )
        for row in best
    ]
    winners = sum(row["metrics"]["net"] > 0 for row in ran)
    said = (
        f"{count(len(found.rows))} trials by {found.search} search: {count(len(ran))} ran, {count(winners)} of them "
        "won. The best of many is no result: "
    )
    after = (el("code", "veracity walkforward"), " chooses on the past and judges on what came after.")
    head = ("Trial", "Parameters", "Net", "Fees", "Fills")
    note = f"All trials are in sweeps/{found.name}/results/trials.parquet."
    return [el("p", said, after), table("The best trials of the sweep", head, rows, note, text_columns=2)]


def stress(file: StressFile) -> list[Child]:
    """The base run and every scenario."""
    head = ("Scenario", "Verdict", "Net", "Change", "Most by", "Fees", "Max drawdown", "Fills", "Break-even")
    rows = []
    for one in (file.base, *file.scenarios):
        words = one.verdict.replace("_", " ") + (" (required)" if one.required else "")
        label = el("th", one.name, scope="row", title=one.reason)
        if one.net is None:
            rows.append(el("tr", label, el("td", f"{words}: {one.reason}", colspan="8", class_="words")))
            continue
        even = "" if one.break_even.value is None else f"{one.break_even.value:.2f} times"
        cells = (
            el("td", words, class_="words"),
            signed(one.net),
            signed(one.change),
            el("td", one.line or ""),
            signed(one.fees),
            el("td", percent(one.max_drawdown)),
            el("td", count(one.fills)),
            el("td", even),
        )
        rows.append(el("tr", label, cells))
    note = f"{file.survived} of {file.required} required scenarios survived. Break-even: the multiple of that cost at which nothing is left."
    return [table("The same run with one thing made worse", head, rows, note, text_columns=2)]


def reality(file: RealityFile) -> list[Child]:
    """The score, and every component with what it adds."""
    rows = []
    for one in file.components:
        value = "unknown" if one.value is None else f"{100 * one.value // ONE} %"
        share = 0 if one.value is None else 100 * one.value // ONE
        meter = el("span", el("span", style=f"width:{share}%"), class_="meter", aria_hidden="true")
        cells = (
            el("td", meter, el("span", value, class_="metered")),
            el("td", f"{one.contribution / ONE:.1f} of {one.weight}"),
            el("td", one.explanation, " (", el("code", one.source), ")", class_="words"),
        )
        rows.append(el("tr", el("th", one.name.replace("_", " "), scope="row"), cells))
    note = "Score = whole part of the sum of the points. What is unknown counts as nothing; a run that looks ahead scores 0."
    return [
        el("p", el("strong", f"{file.score} of 100", class_="score"), f" {file.veto}" if file.veto else None),
        table("Components of the score", ("Component", "Value", "Points", "Why"), rows, note, class_="said"),
    ]


def _strata(rows: Sequence[Stratum]) -> list[Markup]:
    found = []
    for row in rows:
        name = f"{row.name} (thin)" if row.thin else row.name
        cells = (
            el("td", count(row.bars)),
            el("td", count(row.trades)),
            signed(row.pnl),
            el("td", money(row.fees)),
            el("td", "none" if row.hit_rate.value is None else percent(row.hit_rate)),
            el("td", money(row.drawdown)),
            el("td", minus(_short(row.sharpe_bar.value))),
        )
        found.append(el("tr", el("th", name, scope="row"), cells))
    return found


def _statistics(found: Statistics) -> list[tuple[str, str, str]]:
    """Name, value and meaning of every measure; where there is no value, why stands before the meaning."""
    said = [
        (name, "none" if one.value is None else minus(shown(one)), f"{_why(one)}{text}")
        for name, one, shown, text in (*_of_the_ratio(found), *_of_the_trials(found))
    ]
    trials = (
        f"Known on this dataset, failed ones included; those of this evaluation are worth "
        f"{number(found.effective_trials)} independent ones. Of so many worthless ones, if they were independent, at least one "
        f"would look significant at 5 % in {100 * family_wise_error(0.05, found.trials):.0f} % of all cases."
    )
    trips = f"Closed ones of the best trial; fewer than {TRADES_FEW} cannot be judged."
    return [
        *said[:2],
        ("Trials", count(found.trials), trials),
        ("Round trips", count(found.trades), trips),
        *said[2:],
    ]


def _of_the_ratio(found: Statistics) -> list[Measure]:
    low, high, drawn_low, drawn_high = (
        minus(number(one))
        for one in (found.interval_low, found.interval_high, found.bootstrap_low, found.bootstrap_high)
    )
    return [
        (
            "Sharpe, a year",
            found.sharpe_annual,
            number,
            f"From {count(found.periods)} {_each(found.periods_per_year)}; 95 % interval {low} to {high}, from the bootstrap {drawn_low} to {drawn_high}.",
        ),
        (
            "PSR",
            found.psr,
            percent,
            "Probability that the true ratio is above zero, had this been the only trial.",
        ),
        (
            "Deflated Sharpe",
            found.dsr,
            percent,
            "Probability that it is above what the best of so many worthless trials would show. Below 95 %: untrustworthy.",
        ),
    ]


def _of_the_trials(found: Statistics) -> list[Measure]:
    return [
        (
            "Years needed",
            found.min_backtest_years,
            number,
            f"With fewer, chance alone is expected to show a ratio of {found.target_sharpe:g}; there are {number(found.years)}.",
        ),
        (
            "Returns needed",
            found.periods_needed,
            lambda one: count(ceil(one.value or 0)),
            "To be 95 % sure of a ratio above zero, if the returns go on like this.",
        ),
        (
            "After the haircut",
            found.haircut_sharpe,
            number,
            f"Annual ratio that is left after the correction for all trials; {percent(found.haircut)} is gone.",
        ),
        (
            "Overfitting (PBO)",
            found.pbo,
            percent,
            "How often the best trial of one half of the time is below the middle in the other half. Above 50 %: choosing did harm.",
        ),
        (
            "SPA",
            found.spa_consistent,
            number,
            f"P-value of no trial being better than doing nothing; Reality Check {number(found.reality_check)}. Above 0.05: none is shown to be.",
        ),
    ]


def _why(ratio: Ratio) -> str:
    reason = ratio.reason
    return f"{reason[:1].upper()}{reason[1:]}. " if ratio.value is None and reason else ""


def _short(value: float | None) -> str:
    """To four decimals; what rounds to nothing but is something keeps its first digit."""
    if value is None:
        return "none"
    return f"{value:.0e}" if value and abs(value) < 5e-5 else f"{value:.4f}"


def _each(periods_per_year: float) -> str:
    """What the returns are of: other lengths give other ratios."""
    seconds = round(365 * 86_400 / periods_per_year)
    return RETURNS.get(seconds) or f"{seconds / 60:g}-minute returns"
