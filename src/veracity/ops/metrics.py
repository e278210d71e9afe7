"""What the guards do, as Prometheus reads it: denials, what is left of each budget, the mode, and how long gate and journal take.

Counts and budgets are the risk block's own fold (specs/risk/reporting.md, S-106), so that they are the summary's numbers
when the run is over. Guards and engine know nothing of it: it hears the events from the journal, and the time of a decision
is taken around the gate with a clock that the wiring gives.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Final, Protocol

from veracity.domain.events import Event, IntentCreated, decode_event
from veracity.domain.machines import Mode
from veracity.domain.time import NS_PER_SECOND
from veracity.engine.gate import Approved, Gate, Refused
from veracity.guards.rulebook import Guard
from veracity.guards.summary import Budget, RiskFold
from veracity.guards.view import RiskLimits
from veracity.runtime.loop import Journal
from veracity.state.model import EngineState

BUCKETS_NS: Final = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000, 10_000_000)
"""Upper bounds of the histogram of a gate's decision."""
EVERY_SECONDS: Final = 5.0
"""How old the file may become while the engine runs."""
_COUNTED: Final = tuple(
    f'{{"kind":"{kind}"'.encode()
    for kind in ("intent_denied", "denial_rehearsed", "order_submitted", "day_rolled", "mode_changed")
)


class Syncs(Protocol):
    """How long the journal's syncs take."""

    sync_ns_worst: int
    slow_syncs: int


class GuardMetrics:
    """Counts of a run so far, and its page in the text format of Prometheus."""

    def __init__(self, limits: Mapping[str, RiskLimits]) -> None:
        self._limits: Final = limits
        self._fold: Final = RiskFold()
        self._buckets = [0] * (len(BUCKETS_NS) + 1)
        self._decided_ns = 0
        self._syncs: Syncs | None = None
        self.pages_dropped = 0  # that could not be written

    def observe(self, event: Event) -> None:
        """Count one event."""
        self._fold.take(event)

    def watch(self, syncs: Syncs) -> None:
        """Tell of the journal's syncs too."""
        self._syncs = syncs

    def judged(self, nanoseconds: int) -> None:
        """Count one decision of the gate, and how long it took."""
        self._buckets[bisect_left(BUCKETS_NS, nanoseconds)] += 1
        self._decided_ns += nanoseconds

    def denied(self, state: EngineState) -> Iterator[tuple[str, str, int]]:
        """Strategy, rule and number of denials; of rules that denied something."""
        for strategy_id, risk in sorted(self._fold.block(state, self._limits).strategies.items()):
            for rule, count in risk.denied.items():
                if count:
                    yield strategy_id, rule, count

    def page(self, state: EngineState) -> str:
        """All of it; `state` is what the events fold to. What is not known is NaN, never 0."""
        return "".join(f"{line}\n" for line in self._lines(state))

    def _lines(self, state: EngineState) -> Iterator[str]:
        strategies = sorted(self._fold.block(state, self._limits).strategies.items())
        yield from _head("veracity_guard_denials_total", "counter", "Intents that a rule refused.")
        for name, risk in strategies:
            for rule, count in risk.denied.items():
                yield f'veracity_guard_denials_total{{rule="{rule}",strategy="{name}"}} {count}'
        yield from _head(
            "veracity_guard_rehearsals_total", "counter", "Intents that a rule in dry run would have refused."
        )
        for name, risk in strategies:
            for rule, count in risk.rehearsed.items():
                yield f'veracity_guard_rehearsals_total{{rule="{rule}",strategy="{name}"}} {count}'
        yield from _head(
            "veracity_guard_budget_used_ratio", "gauge", "Share of a limit that is used up; 1 denies."
        )
        for name, risk in strategies:
            for budget in risk.budgets:
                labels = f'rule="{budget.rule}",strategy="{name}"'
                yield f"veracity_guard_budget_used_ratio{{{labels}}} {_used(budget)}"
        yield from _head("veracity_engine_mode", "gauge", "1 for the mode that the engine is in.")
        for mode in Mode:
            yield f'veracity_engine_mode{{mode="{mode.value}"}} {int(state.mode is mode)}'
        yield from self._histogram()
        yield from self._synced()
        name = "veracity_metrics_pages_dropped_total"
        yield from _head(name, "counter", "Pages such as this one that could not be written.")
        yield f"{name} {self.pages_dropped}"

    def _histogram(self) -> Iterator[str]:
        name = "veracity_gate_decision_seconds"
        yield from _head(name, "histogram", "How long the gate took to judge an intent.")
        below = list(accumulate(self._buckets))
        bounds = [*(repr(bound / NS_PER_SECOND) for bound in BUCKETS_NS), "+Inf"]
        for bound, count in zip(bounds, below, strict=True):
            yield f'{name}_bucket{{le="{bound}"}} {count}'
        yield f"{name}_sum {self._decided_ns / NS_PER_SECOND!r}"
        yield f"{name}_count {below[-1]}"

    def _synced(self) -> Iterator[str]:
        if self._syncs is None:
            return
        name = "veracity_journal_sync_seconds_max"
        yield from _head(name, "gauge", "Longest sync of the journal since the process began.")
        yield f"{name} {self._syncs.sync_ns_worst / NS_PER_SECOND!r}"
        name = "veracity_journal_slow_syncs_total"
        yield from _head(name, "counter", "Looks at the journal before which a sync was slow.")
        yield f"{name} {self._syncs.slow_syncs}"


def _head(name: str, kind: str, says: str) -> tuple[str, str]:
    return f"# HELP {name} {says}", f"# TYPE {name} {kind}"


def _used(budget: Budget) -> str:
    if budget.left is None:
        return "NaN"
    return "1.0" if budget.limit <= 0 else repr((budget.limit - budget.left) / budget.limit)


class TimedGate(Gate):
    """A gate beside which somebody holds a clock (nanoseconds)."""

    def __init__(
        self,
        guards: Sequence[Guard],
        limits: Mapping[str, RiskLimits],
        dry_run: Collection[str] = (),
        *,
        clock: Callable[[], int],
        judged: Callable[[int], None],
    ) -> None:
        super().__init__(guards, limits, dry_run)
        self._clock: Final = clock
        self._judged: Final = judged

    def judge(
        self, intent: IntentCreated, state: EngineState, reserved: Sequence[Approved]
    ) -> Approved | Refused:
        """What the gate says; how long it took is told."""
        begun = self._clock()
        verdict = super().judge(intent, state, reserved)
        self._judged(self._clock() - begun)
        return verdict


class Metered:
    """A journal that lets the metrics hear what they count, when it is appended."""

    def __init__(self, journal: Journal, metrics: GuardMetrics) -> None:
        self._journal: Final = journal
        self._metrics: Final = metrics

    def append(self, seq: int, payload: bytes) -> None:
        """Append, then count."""
        self._journal.append(seq, payload)
        if payload.startswith(_COUNTED):
            self._metrics.observe(decode_event(payload))

    def barrier(self) -> None:
        """The journal's own."""
        self._journal.barrier()


class MetricsFile:
    """The page as a file that the textfile collector of Prometheus' node exporter reads: whole at any time, and never older
    than EVERY_SECONDS while the engine runs and the file can be written. One that cannot be is counted, and ends no trading."""

    def __init__(
        self,
        path: Path,
        metrics: GuardMetrics,
        *,
        write: Callable[[Path, bytes], None],
        seconds: Callable[[], float],
    ) -> None:
        self._path: Final = path
        self._metrics: Final = metrics
        self._write: Final = write
        self._seconds: Final = seconds
        self._due = seconds()

    def offer(self, state: EngineState) -> None:
        """Write the page where it is due."""
        if self._seconds() >= self._due:
            self.publish(state)

    def publish(self, state: EngineState) -> None:
        """Write the page, or count that it could not be: its disk may be full where the journal's is not (F20)."""
        try:
            self._write(self._path, self._metrics.page(state).encode())
        except OSError:
            self._metrics.pages_dropped += 1
        self._due = self._seconds() + EVERY_SECONDS
