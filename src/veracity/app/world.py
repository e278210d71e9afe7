"""What a paper run hears beside its data: operators, the kill file, and the signals that end the process."""

import time
from collections.abc import Callable, Iterator, Mapping
from types import FrameType, MappingProxyType
from typing import Final

from veracity.app.control import (
    NOT_UNDERSTOOD,
    STATUS,
    Answer,
    Control,
    Outcome,
    Taken,
)
from veracity.app.status import status_of
from veracity.domain.events import CommandReceived, CommandRefused, Event, ResumeRequested
from veracity.engine.commands import Given, command_of
from veracity.engine.draft import Step
from veracity.engine.gate import one_line
from veracity.guards.view import RiskLimits
from veracity.ops.metrics import GuardMetrics, MetricsFile
from veracity.runtime.disk_watch import DISK, DiskWatch
from veracity.runtime.kill_watch import KillWatch
from veracity.runtime.loop import Said
from veracity.state.model import EngineState

OPERATOR: Final = "operator"
"""Reason code of what an operator leads to."""
LISTEN_SECONDS: Final = 0.05
"""Longest time for which a paced run does not listen."""
DURABLE_SECONDS: Final = 1.0
"""Longest time for which a paced run keeps to itself what it heard."""


class World:
    """The outside of a paper run. With a `pace` (bars a second) it takes its time before each fact, and listens."""

    def __init__(
        self,
        control: Control,
        watch: KillWatch,
        pace: float = 0,
        sleep: Callable[[float], None] = time.sleep,
        limits: Mapping[str, RiskLimits] = MappingProxyType({}),
    ) -> None:
        """`limits` are those of the strategies, for who asks how much of them is left."""
        self._control: Final = control
        self._watch: Final = watch
        self._pause: Final = 1 / pace if pace else 0.0
        self._sleep: Final = sleep
        self._limits: Final = limits
        self._disk: DiskWatch | None = None
        self._metrics: GuardMetrics | None = None
        self._page: MetricsFile | None = None
        self._state = EngineState()
        self._durable_at = time.monotonic()
        self.signal = 0

    def watch_disk(self, disk: DiskWatch) -> None:
        """Look at the journal's room too, once there is a journal."""
        self._disk = disk

    def tell_metrics(self, metrics: GuardMetrics, page: MetricsFile) -> None:
        """Keep the page of these up to date, and tell their counts to who asks."""
        self._metrics, self._page = metrics, page

    def inputs(self, state: EngineState) -> Iterator[Said]:
        """What operators asked since, and the kill file, where it came into being."""
        self._state = state
        if self._page is not None:
            self._page.offer(state)
        yield from self._said()
        left = self._pause
        while left > 0 and not self.signal:
            self._sleep(min(left, LISTEN_SECONDS))
            left -= LISTEN_SECONDS
            yield from self._said()

    def is_time_to_write(self) -> bool:
        """Whether a second has passed since this was last so; a run without a pace waits for nothing, and has no time."""
        if not self._pause or time.monotonic() < self._durable_at:
            return False
        self._durable_at = time.monotonic() + DURABLE_SECONDS
        return True

    def heard(self, said: Said, step: Step) -> None:
        """Answer whoever asked."""
        if isinstance(said, Given) and said.command.reason != DISK:  # the disk asked for no answer
            self._answer(said.command_id, str(said.command.__struct_config__.tag), step.events[1:])

    def is_over(self) -> bool:
        """Whether a signal came."""
        return self.signal != 0

    def stop(self, number: int, _frame: FrameType | None) -> None:
        """Handler of SIGTERM and SIGINT. It only leaves a note: no record is cut in two, however often it is sent."""
        self.signal = self.signal or number

    def settle(self, state: EngineState, events: Iterator[Event]) -> None:
        """Answer what the process before had taken: by what its journal says; what it does not know was not obeyed."""
        left = set(self._control.left())
        self._state = state
        before: CommandReceived | None = None
        for event in events if left else ():
            if before is not None:
                self._answer(before.command_id, before.command, (event,))
            before = event if isinstance(event, CommandReceived) and event.command_id in left else None
            if before is not None:
                left.remove(before.command_id)
        for command_id in sorted(left):
            self._refuse(command_id, "", "lost", "the process ended before it heard this; nothing was done")

    def _said(self) -> Iterator[Said]:
        yield from self._watch.poll(self._state.ts)
        if self._disk is not None:
            yield from self._disk.poll(self._state.ts)
        for taken in self._control.taken():
            if taken.request.command == STATUS:
                self._tell(taken.command_id)
            elif (given := self._given(taken)) is not None:
                yield given

    def _given(self, taken: Taken) -> Given | None:
        """The command, or None where the request is of none; that is answered."""
        request = taken.request
        try:
            command = command_of(
                request.command,
                ts=self._state.ts,
                reason=OPERATOR,
                detail=one_line(f"{taken.who}: {request.why}" if request.why else taken.who),
                symbol=request.symbol,
                trade_id=request.trade_id,
                strategy_id=request.strategy_id,
            )
        except LookupError as error:
            self._refuse(
                taken.command_id, request.command, NOT_UNDERSTOOD, f"no such command: {error.args[0]}"
            )
            return None
        blocked = self._stands_against() if isinstance(command, ResumeRequested) else ""
        return Given(taken.command_id, command, one_line(blocked))

    def _stands_against(self) -> str:
        """What stands against trading outside of the engine, in words."""
        return self._watch.stands_against() or (self._disk.stands_against() if self._disk else "")

    def _answer(self, command_id: str, command: str, events: tuple[Event, ...]) -> None:
        refused = next((event for event in events if isinstance(event, CommandRefused)), None)
        outcome: Outcome = "obeyed" if refused is None else "refused"
        reason, detail = ("", "") if refused is None else (refused.reason, refused.detail)
        kinds = tuple(str(event.__struct_config__.tag) for event in events)
        self._control.answer(
            Answer(command_id, command, outcome, reason, detail, self._state.seq, *self._mode(), kinds)
        )

    def _tell(self, command_id: str) -> None:
        outside = (self._watch.found(), self._disk.stands_against() if self._disk else "")
        denied = () if self._metrics is None else self._metrics.denied(self._state)
        worst = None if self._disk is None else self._disk.sync_ns_worst
        status = status_of(self._state, [one for one in outside if one], self._limits, denied, worst)
        seq, mode = self._state.seq, self._mode()
        self._control.answer(Answer(command_id, STATUS, "told", "", "", seq, *mode, status=status))

    def _refuse(self, command_id: str, command: str, reason: str, detail: str) -> None:
        self._control.answer(
            Answer(command_id, command, "refused", reason, detail, self._state.seq, *self._mode())
        )

    def _mode(self) -> tuple[str, str]:
        return self._state.mode.value, self._state.mode_reason
