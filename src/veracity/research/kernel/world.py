"""The memory of runs, made once for all that begin alike, because a trial of a sweep is over in less than a millisecond."""

from typing import Any, Final

import numpy as np

from veracity.research.kernel import records
from veracity.research.kernel.layout import BLOCK_BYTES, STATE, WORD, WORDS, part
from veracity.research.kernel.prepared import Prepared
from veracity.research.kernel.start import Start
from veracity.runtime.feed import rows_of
from veracity.runtime.simulation import Plan
from veracity.strategies import exits
from veracity.strategies.interface import MovingSum, Told

LOG_ROWS: Final = 4_096  # to begin with; doubled as often as needed
TASKS: Final = 64
INT32_MAX: Final = 2**31 - 1
ROOMS: Final = {"task": "task_rows", "draws": "draw_count", "log": "log_rows"}


class World:
    """The memory of a run; the next one with the same terms uses it again."""

    def __init__(self, start: Start, prepared: Prepared, block: Any) -> None:
        """`block` is its place in the row of blocks that go through the loop together."""
        self._prepared: Final = prepared
        self._block: Final = block
        self._block[:] = start.block
        self.address: Final = self._block.ctypes.data
        self._bytes: Final = self._block.data
        self._words: Final = self._bytes.cast("q")
        self._kept: dict[str, Any] = {}
        self._put("samples", np.zeros(prepared.samples + 1, dtype=np.int64))
        self.make_room("task", np.zeros(TASKS, dtype=records.TASK))
        self.make_room("draws", start.draws)
        self._start: Final = bytes(self._block)
        self._room: Final = dict(self._kept)  # what the start points to, also where a run needed more of it

    def begin(self, plan: Plan, columns: tuple[Told, ...], scan: int) -> None:
        """Make it what it is before the plan's run; what came out of the run before is gone."""
        bound, words = plan.bound[0], self._words
        self._bytes[:] = self._start
        self._kept.update(self._room)
        for number, column in enumerate(columns):
            self._tell(number, column)
        for place, value in enumerate(exits.numbers_of(bound.params), WORDS["params"]):
            words[place] = value
        words[WORDS["warmup"]] = bound.strategy.warmup(bound.params)
        words[WORDS["scan"]] = scan
        if words[WORDS["logging"]]:
            self.make_room("log", np.zeros((LOG_ROWS, records.LOG_WIDTH), dtype=np.int64))
        if len(bound.legs) > 1:
            self._put("rows", rows_of(plan.dataset, bound, self._prepared.window(bound)))

    def _tell(self, number: int, column: Told) -> None:
        """Say where a column of features lies (`records.COLUMN_WIDTH`)."""
        kept = np.ascontiguousarray(column.total if isinstance(column, MovingSum) else column)
        self._kept[f"column {number}"] = kept
        begin, words, place = kept.ctypes.data, self._words, WORDS["columns"] + records.COLUMN_WIDTH * number
        if isinstance(column, MovingSum):
            words[place], words[place + 1] = begin + WORD, begin + WORD * (1 - column.length)
            words[place + 2] = column.factor
        else:
            words[place] = begin

    def _put(self, name: str, array: Any) -> None:
        """Let the world point to an array, and keep it alive."""
        self._kept[name] = array
        self._words[WORDS[name]] = array.ctypes.data

    def make_room(self, name: str, array: Any) -> None:
        """The same for an array that may grow."""
        self._put(name, array)
        self._words[WORDS[ROOMS[name]]] = array.shape[-1] if name == "draws" else len(array)

    def double(self, name: str) -> None:
        """Twice the room of an array that grows, what is in it included."""
        self.make_room(name, np.concatenate((self[name], np.zeros_like(self[name]))))

    def __getitem__(self, name: str) -> Any:
        return part(self._block, name) if name in STATE else self._kept[name]

    def numbers(self, name: str, index: int = 0) -> dict[str, int]:
        """The numbers of a record."""
        kind = STATE[name][0]
        first = WORDS[name] + kind.itemsize // WORD * index
        assert kind.names is not None, name
        values = self._words[first : first + kind.itemsize // WORD].tolist()
        return dict(zip(kind.names, values, strict=True))

    def number(self, name: str) -> int:
        """A number of the world itself."""
        found: int = self._words[WORDS[name]]
        return found

    def sit_out(self) -> None:
        """It has no turn in the loop."""
        self._words[WORDS["stopped"]] = records.DONE

    def go_on(self) -> None:
        """It may have its turn in the loop again."""
        self._words[WORDS["stopped"]] = records.GOES_ON


def worlds_of(start: Start, prepared: Prepared, count: int) -> list[World]:
    """The memory of so many runs, their blocks one behind the other."""
    return [World(start, prepared, block) for block in np.empty((count, BLOCK_BYTES), dtype=np.uint8)]


def kind_of(column: Told) -> str:
    """How the scan reads a column. A processor has instructions for several products of numbers of 32 bits at once, and none
    for those of 64."""
    if not isinstance(column, MovingSum):
        return records.COLUMN
    return records.NARROW if max(column.largest, abs(column.factor)) <= INT32_MAX else records.SUM
