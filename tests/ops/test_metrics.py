"""What the guards did, as a collector of metrics reads it (specs/risk/reporting.md, S-106)."""

import errno
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.guards.test_summary import LIMITS, lost, risk_of
from tests.kit.doubles import RecordingJournal
from tests.kit.market import BTC
from tests.kit.players import player
from tests.kit.says import halt
from tests.kit.script import Script

from veracity.domain.events import DenialRehearsed, IntentDenied
from veracity.domain.policies import RULEBOOK
from veracity.engine.gate import Approved, Refused
from veracity.guards.rulebook import GUARDS
from veracity.guards.view import RiskLimits
from veracity.ops.metrics import EVERY_SECONDS, GuardMetrics, Metered, MetricsFile, TimedGate

Page = dict[str, str]


def page_of(script: Script, limits: RiskLimits = LIMITS) -> Page:
    """Name with labels -> value, of the metrics that heard the script's journal."""
    heard = GuardMetrics({"a": limits})
    for event in script.journal.events:
        heard.observe(event)
    return read(heard.page(script.state))


def read(page: str) -> Page:
    """The samples of a page; every line is a sample or a comment of the text format."""
    line = re.compile(r'(?P<name>[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})?) (?P<value>[0-9.e+-]+|NaN)')
    samples = [line.fullmatch(text) for text in page.splitlines() if not text.startswith("# ")]
    assert None not in samples
    return {one["name"]: one["value"] for one in samples if one is not None}


def denials(rule: str, strategy_id: str = "a") -> str:
    return f'veracity_guard_denials_total{{rule="{rule}",strategy="{strategy_id}"}}'


def used(rule: str) -> str:
    return f'veracity_guard_budget_used_ratio{{rule="{rule}",strategy="a"}}'


@pytest.mark.ticket("T-288")
def test_the_totals_are_those_of_the_risk_block_and_of_a_recount() -> None:
    script = lost()
    page = page_of(script)
    block = risk_of(script, LIMITS).strategies["a"]
    counted = Counter(event.rule for event in script.all(IntentDenied))
    assert (page[denials("cooldown")], page[denials("max_exposure")]) == ("4", "2")
    for rule in RULEBOOK:
        assert int(page[denials(rule)]) == block.denied[rule] == counted[rule]


@pytest.mark.ticket("T-288")
def test_the_share_of_each_budget_is_told_and_what_is_not_known_is_no_number() -> None:
    """430 of 500 of the day's loss, 430 of 2,000 of the drawdown, 2 of 10 trades."""
    script = lost()
    page = page_of(script)
    assert (page[used("daily_loss")], page[used("drawdown")], page[used("trades_per_day")]) == (
        "0.86",
        "0.215",
        "0.2",
    )
    script.state.markets[BTC].last = None  # 20 are held, at no price
    page = page_of(script)
    assert (page[used("daily_loss")], page[used("drawdown")], page[used("trades_per_day")]) == (
        "NaN",
        "NaN",
        "0.2",
    )


@pytest.mark.ticket("T-265")
def test_a_rehearsed_denial_is_counted_by_itself_and_never_as_one() -> None:
    limits = RiskLimits(max_position={BTC: 1_000})
    script = Script(player("a", limits=limits), dry_run=("max_position",)).ticks(100_00).wants("a", 1_200)
    page = page_of(script, limits)
    assert len(script.all(DenialRehearsed)) == 1
    assert page['veracity_guard_rehearsals_total{rule="max_position",strategy="a"}'] == "1"
    assert page[denials("max_position")] == "0"


def test_the_mode_is_the_one_that_is_1() -> None:
    page = page_of(Script(player("a", limits=LIMITS)).ticks(100_00).hears(halt()))
    modes = {name: value for name, value in page.items() if name.startswith("veracity_engine_mode")}
    assert len(modes) == 6
    assert [name for name, value in modes.items() if value == "1"] == ['veracity_engine_mode{mode="halted"}']


def test_the_gates_decisions_are_timed_around_it_and_judged_as_ever() -> None:
    clock: Iterator[int] = iter([100, 1_100, 5_000, 5_000 + 1_001])
    heard = GuardMetrics({"a": LIMITS})
    gate = TimedGate(GUARDS, {"a": RiskLimits()}, clock=lambda: next(clock), judged=heard.judged)
    script = Script(player("a")).ticks(100_00).wants("a", 1_000)
    intent = next(event for event in script.said if type(event).__name__ == "IntentCreated")
    verdict = gate.judge(intent, script.state, ())  # type: ignore[arg-type]
    assert isinstance(verdict, Refused)  # this id was used
    script.state.intents.clear()
    assert isinstance(gate.judge(intent, script.state, ()), Approved)  # type: ignore[arg-type]
    page = read(heard.page(script.state))
    name = "veracity_gate_decision_seconds"
    buckets = [page[f'{name}_bucket{{le="{bound}"}}'] for bound in ("1e-06", "2e-06", "0.01", "+Inf")]
    assert (buckets, page[f"{name}_sum"], page[f"{name}_count"]) == (["1", "2", "2", "2"], "2.001e-06", "2")


def test_a_metered_journal_keeps_every_record_and_counts_what_matters() -> None:
    script, heard, kept = lost(), GuardMetrics({"a": LIMITS}), RecordingJournal()
    journal = Metered(kept, heard)
    for record in script.journal.records:
        journal.append(record.seq, record.payload)
    journal.barrier()
    assert kept.records == script.journal.records
    assert list(heard.denied(script.state)) == [("a", "cooldown", 4), ("a", "max_exposure", 2)]
    assert read(heard.page(script.state)) == page_of(script)


def test_the_file_is_written_at_once_and_then_when_it_is_due() -> None:
    now, written = [10.0], []
    state = Script(player("a")).state
    file = MetricsFile(
        Path("metrics.prom"),
        GuardMetrics({"a": LIMITS}),
        write=lambda path, content: written.append((path.name, content)),
        seconds=lambda: now[0],
    )
    for later in (0.0, EVERY_SECONDS - 0.1, 0.1, EVERY_SECONDS):
        now[0] += later
        file.offer(state)
    assert [name for name, _ in written] == ["metrics.prom"] * 3


def test_a_page_that_cannot_be_written_is_counted_and_stops_nothing() -> None:
    """F20: the disk of what people read is full; the journal's is not."""
    full, written = [True], []

    def write(path: Path, content: bytes) -> None:
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        written.append(content.decode())

    state = Script(player("a")).state
    file = MetricsFile(Path("metrics.prom"), GuardMetrics({"a": LIMITS}), write=write, seconds=lambda: 0.0)
    file.publish(state)
    file.publish(state)
    full[0] = False
    file.publish(state)
    (page,) = written
    assert read(page)["veracity_metrics_pages_dropped_total"] == "2"
