"""The record that the loop reads, and the memory that it points to.

What all runs on one dataset have in common is made once (`Prepared`). What one run changes lies in one block of memory,
laid out once for all runs, because a trial of a sweep is over in less than a millisecond.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from veracity.data.dataset import InstrumentData
from veracity.domain.amounts import INT64_MAX, notional_factor
from veracity.domain.market import AuxSeries, Column
from veracity.domain.regimes import REGIME
from veracity.domain.time import NS_PER_DAY, NS_PER_HOUR, TS_NEVER
from veracity.engine.core import BoundStrategy
from veracity.engine.opening import watches
from veracity.guards.view import VolatilityLimits
from veracity.research.kernel import records
from veracity.research.kernel.encoding import costs_of, limits_of
from veracity.research.kernel.layout import BLOCK_BYTES, NUMBER, PLACES, STATE, STREAMS
from veracity.research.kernel.pauses import pauses_of
from veracity.research.kernel.records import NONE, ORDER_KINDS
from veracity.research.kernel.regimes import Labels, labels_of
from veracity.research.kernel.scope import extent_of, quantity_max
from veracity.research.kernel.tapes import tape_of
from veracity.runtime.feed import rows_of, window_of
from veracity.runtime.simulation import Plan, first_ts, opening_of
from veracity.simulator import fees
from veracity.simulator.chance import draws, stream
from veracity.simulator.costs import FeeTier
from veracity.simulator.latency import LatencyModel, interpolated
from veracity.state.model import FUNDING
from veracity.strategies import exits
from veracity.strategies.interface import MovingSum, Told, Window

LOG_ROWS: Final = 4_096  # to begin with; doubled as often as needed
TASKS: Final = 64
DRAWS: Final = 256
ROOMS: Final = {"task": "task_rows", "draws": "draw_count", "log": "log_rows"}


class Prepared:
    """What all runs on one dataset share: its tape, and the windows of features that were asked for.

    `share` also keeps the columns that strategies say they share (`strategies.interface.Window.shared`), which pays
    where one process runs many trials.
    """

    def __init__(self, plan: Plan, *, sample_ns: int = NS_PER_DAY, share: bool = False) -> None:
        self.dataset: Final = plan.dataset
        self.extent: Final = extent_of(plan.dataset)
        self._tape: Final = tape_of(plan.dataset, sample_ns)
        self._share: Final = share
        self._windows: dict[tuple[str, ...], Window] = {}
        self._pauses: dict[tuple[int, VolatilityLimits], tuple[Column, Column]] = {}
        self._labels: dict[str, Labels] = {}
        self._numbers: Final = {
            data.source.symbol: number for number, data in enumerate(plan.dataset.instruments)
        }
        self._opened: dict[tuple[int, ...], int] = {}
        segments = self._tape.segments
        self.samples: Final = int((segments[:, 6] & records.SAMPLES != 0).sum())
        latest = segments[segments[:, 0] == records.BARS][-1]
        self.ends_on_sample: Final = bool(latest[6] & records.SAMPLES) and int(latest[3]) == 1
        known = segments[:, 5]
        # A longer gap than this one of the data holds nobody's interest back: a bar is told in between.
        longest = max(
            int(np.diff(known, prepend=known[:1]).max()),
            *(_gap_max(data) for data in plan.dataset.instruments),
        )
        self.hours_max: Final = longest // NS_PER_HOUR + 2
        self.ground: Final = np.zeros(1, dtype=records.WORLD)
        for name, column in self._tape._asdict().items():
            self.ground[name] = column.ctypes.data
        self.ground["ts"] = first_ts(plan.dataset)
        self.ground["day"] = first_ts(plan.dataset) // NS_PER_DAY
        self.ground["due"] = TS_NEVER
        self.ground["segment_count"] = len(segments)

    def window(self, bound: BoundStrategy) -> Window:
        """The window of a strategy's legs."""
        symbols = tuple(leg.symbol for leg in bound.legs)
        if symbols not in self._windows:
            window = window_of(self.dataset, bound.legs)
            self._windows[symbols] = window._replace(shared={}) if self._share else window
        return self._windows[symbols]

    def pauses(self, number: int, limits: VolatilityLimits) -> tuple[Column, Column]:
        """When a pause with these limits begins and ends on an instrument: it depends on the market alone."""
        if (number, limits) not in self._pauses:
            first = int(self._tape.first[number])
            self._pauses[number, limits] = pauses_of(self.dataset.instruments[number], limits, first)
        return self._pauses[number, limits]

    def labels(self, symbol: str) -> Labels:
        """The volatility regimes of an instrument."""
        if symbol not in self._labels:
            number = self._numbers[symbol]
            first = int(self._tape.first[number])
            self._labels[symbol] = labels_of(self.dataset.instruments[number], first)
        return self._labels[symbol]

    def beside(self, bound: BoundStrategy) -> Mapping[str, AuxSeries]:
        """The series beside the bars that the strategy may be shown."""
        series = self.window(bound).aux
        return {**series, REGIME: self.labels(bound.lead).shown} if bound.strategy.needs_regime else series

    def opened(self, plan: Plan) -> int:
        """How many events open the run: it depends on how many take part, and not on who."""
        labelled = len({bound.lead for bound in plan.bound if bound.strategy.needs_regime})
        key = len(plan.started), len(watches(plan.bound)), labelled
        if key not in self._opened:
            self._opened[key] = len(opening_of(plan).events)
        return self._opened[key]


class World:
    """One run's record and memory."""

    def __init__(
        self, plan: Plan, prepared: Prepared, columns: tuple[Told, ...], window: Window, log: bool
    ) -> None:
        bound = plan.bound[0]
        self._block: Final = np.zeros(BLOCK_BYTES, dtype=np.uint8)
        self._block[: records.WORLD.itemsize] = prepared.ground.view(np.uint8)
        self.record: Final = self._block[: records.WORLD.itemsize].view(records.WORLD)
        self.address: Final = self._block.ctypes.data
        self._kept: dict[str, Any] = {}
        for number, column in enumerate(columns):
            self._tell(number, column)
        numbers = exits.numbers_of(bound.params)
        self["params"][: len(numbers)] = numbers
        self["memory"][: len(bound.strategy.memo)] = bound.strategy.memo
        self["costs"].view(NUMBER)[:] = costs_of(plan.costs)
        self["limits"].view(NUMBER)[:] = limits_of(
            bound.limits,
            [leg.symbol for leg in bound.legs],
            sum(1 << number for number, guard in enumerate(plan.guards) if guard.rule in plan.dry_run),
        )
        if bound.margin is not None:
            self["margin"].view(NUMBER)[:] = bound.margin
        self._put("samples", np.zeros(prepared.samples + 1, dtype=np.int64))
        self.make_room("task", np.zeros(TASKS, dtype=records.TASK))
        self.make_room("draws", draws_of(plan, DRAWS))
        if log:
            self.make_room("log", np.zeros((LOG_ROWS, records.LOG_WIDTH), dtype=np.int64))
        self._begin(plan, prepared, bound, log)
        if len(bound.legs) > 1:
            self._put("rows", rows_of(plan.dataset, bound, window))

    def _begin(self, plan: Plan, prepared: Prepared, bound: BoundStrategy, log: bool) -> None:
        numbers = {data.source.symbol: number for number, data in enumerate(plan.dataset.instruments)}
        world, account = self.record[0], self["account"][0]
        world["events"] = prepared.opened(plan)
        world["logging"] = log
        world["legs"] = len(bound.legs)
        world["trigger"] = max(numbers[leg.symbol] for leg in bound.legs)
        world["warmup"] = bound.strategy.warmup(bound.params)
        world["close_at_end"] = plan.close_at_end
        world["reasons"] = len(bound.strategy.reasons)
        world["qty_max"] = quantity_max(plan, prepared.extent)
        world["turn_rows"] = records.ROWS_A_BAR
        if bound.margin is not None:
            world["turn_rows"] += 2 * len(self["owed"]) * prepared.hours_max
        self["aux"]["ts"] = NONE
        critical = bound.limits.critical_aux
        world["settles_aux"] = critical.index(FUNDING) if FUNDING in critical else NONE
        world["label_aux"] = critical.index(REGIME) if REGIME in critical else NONE
        if bound.strategy.needs_regime:
            self._put("labels", prepared.labels(bound.lead).changes)
        world["memo"] = len(bound.strategy.memo)
        world["entry"], world["leave"] = map(ORDER_KINDS.index, bound.execution[:2])
        world["offset_ticks"] = bound.execution.offset_ticks
        account["cash"] = account["equity_start"] = account["peak"] = plan.started[0].cash
        account["loss_ts"] = NONE
        for slot, leg in enumerate(bound.legs):
            here, number = self["leg"][slot], numbers[leg.symbol]
            source = plan.dataset.instruments[number].source
            here["instrument"] = number
            here["is_perp"] = source.kind == "perp"
            here["weight"] = leg.weight
            here["factor"] = notional_factor(source.price_scale, source.qty_scale)
            for name in ("tick", "lot", "notional_min", "interval_ns"):
                here[name] = getattr(source, name)
            here["last"] = here["taken_ts"] = NONE
            here["row"] = -1
            self._schedule(slot, fees.tiers_of(plan.costs.fee_tiers, source.kind))
            if bound.limits.volatility is not None:
                pauses = prepared.pauses(number, bound.limits.volatility)
                self._kept[f"pauses {slot}"] = pauses
                here["known"], here["change"] = (column.ctypes.data for column in pauses)

    def _tell(self, number: int, column: Told) -> None:
        """Say where a column of features lies (`records.COLUMN_WIDTH`)."""
        kept = np.ascontiguousarray(column.total if isinstance(column, MovingSum) else column)
        self._kept[f"column {number}"] = kept
        begin, words = kept.ctypes.data, self["columns"][records.COLUMN_WIDTH * number :]
        if isinstance(column, MovingSum):
            words[:3] = begin + NUMBER.itemsize, begin + NUMBER.itemsize * (1 - column.length), column.factor
        else:
            words[0] = begin

    def _schedule(self, slot: int, tiers: Sequence[FeeTier]) -> None:
        tier = self["tier"][slot]
        for name in tier.dtype.names if tiers else ():
            tier[name][:] = INT64_MAX  # nobody reaches it
            tier[name][: len(tiers)] = [getattr(one, name) for one in tiers]

    def _put(self, name: str, array: Any) -> None:
        """Let the record point to an array, and keep it alive."""
        self._kept[name] = array
        self.record[name] = array.ctypes.data

    def make_room(self, name: str, array: Any) -> None:
        """The same for an array that may grow."""
        self._put(name, array)
        self.record[ROOMS[name]] = array.shape[-1] if name == "draws" else len(array)

    def double(self, name: str) -> None:
        """Twice the room of an array that grows, what is in it included."""
        self.make_room(name, np.concatenate((self[name], np.zeros_like(self[name]))))

    def __getitem__(self, name: str) -> Any:
        if name in PLACES:
            return self._block[PLACES[name]].view(STATE[name][0])
        return self._kept[name]


def _gap_max(data: InstrumentData) -> int:
    """The longest time between two bars of an instrument."""
    return int(np.diff(data.bars.ts).max(initial=data.source.interval_ns))


def draws_of(plan: Plan, count: int) -> Column:
    """What chance adds to the delays of the first messages of each stream, a row a stream; none where nothing is random."""
    model = LatencyModel.of(plan.costs)
    if not model.is_random:
        return np.empty((0, 0), dtype=np.int64)
    names = STREAMS if model.ack_ns else STREAMS[:1]
    return np.stack(
        [
            _delays(model, stream(plan.identity.seed, name.format(plan.bound[0].strategy_id)), count)
            for name in names
        ]
    )


def _delays(model: LatencyModel, seed: int, count: int) -> Column:
    bits = draws(seed, count)
    if not model.samples_ns:
        return (bits % np.uint64(model.jitter_ns + 1)).astype(np.int64)
    return np.array([interpolated(model.samples_ns, one) for one in bits.tolist()], dtype=np.int64)
