"""Histories of an engine: what a market, two strategies, a venue and an operator might do, drawn from bytes.

Three bytes are one happening. Whatever it names is done if it can be done, so that every string of bytes is a history
and a shorter one is a simpler one. `HAPPENINGS` says what may come; a test may leave kinds out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import strategies as st
from tests.kit import says
from tests.kit.doubles import RecordingJournal
from tests.kit.market import BTC, MINUTE, PERP
from tests.kit.players import DIARIST, PUPPET, player
from tests.kit.script import Script

from veracity.domain.events import FillReported
from veracity.domain.time import NS_PER_DAY
from veracity.engine.core import Input
from veracity.guards.rulebook import GUARDS, Guard
from veracity.guards.view import RiskLimits
from veracity.state.model import Order

LIMITS = RiskLimits(
    max_exposure=1_000 * 10**8, max_position={PERP: 6_000}, trades_per_day=8, cooldown_ns=2 * MINUTE
)
COMMANDS = (says.halt, says.resume, says.close_only, says.safe_mode, says.resume, says.close_all)


@dataclass
class History:
    """A conversation that goes on by itself; `fills` are the reports so far."""

    script: Script
    fills: list[FillReported] = field(default_factory=list)

    def open_order(self, choice: int) -> Order | None:
        """Some open order, if there is one."""
        orders = list(self.script.state.orders.values())
        return orders[choice % len(orders)] if orders else None

    # ------------------------------------------------------------ happenings

    def bar(self, choice: int, size: int) -> None:
        symbol = (BTC, PERP)[choice % 2]
        self.script.ticks(80_00 + size * 17, symbol, after=1 + MINUTE * (choice // 2 % 4))

    def day(self, choice: int, size: int) -> None:
        self.script.ticks(80_00 + size * 17, (BTC, PERP)[choice % 2], after=NS_PER_DAY * (1 + choice // 128))

    def funding(self, choice: int, size: int) -> None:
        self.script.settles((choice - 128) * 7_919, 80_00 + size * 17, PERP)

    def want(self, choice: int, size: int) -> None:
        self.script.wants("ab"[choice % 2], (size - 128) * 37)

    def fill(self, choice: int, size: int) -> None:
        order = self.open_order(choice)
        if order is None:
            return
        parts = (order.leaves, 1, max(1, order.leaves // 3), max(1, order.leaves - 1), order.leaves + 1)
        self._report(
            order.order_id, parts[size % 5], 80_00 + size * 17, order.symbol, order.side, fee=choice * 101
        )

    def fill_again(self, choice: int, size: int) -> None:
        if self.fills:
            self.script.hears(self.fills[choice % len(self.fills)])

    def fill_of_nobody(self, choice: int, size: int) -> None:
        self._report("feedbeef-a-1", 1 + size, 80_00 + choice, BTC, "buy", fee=1)

    def answer(self, choice: int, size: int) -> None:
        order = self.open_order(choice)
        answers = (
            says.acked,
            says.acked,
            says.cancelled,
            says.cancel_refused,
            says.refused,
            says.lost,
            says.expired,
        )
        if order is not None:
            self.script.hears(answers[size % len(answers)](order.order_id))

    def cancel(self, choice: int, size: int) -> None:
        self.script.hears(says.cancel_all())

    def command(self, choice: int, size: int) -> None:
        self._obey(COMMANDS[size % len(COMMANDS)]())

    def halt(self, choice: int, size: int) -> None:
        self._obey(says.halt())

    def _obey(self, command: Input) -> None:
        self.script.hears(command)

    def notice(self, choice: int, size: int) -> None:
        symbol = (BTC, PERP)[choice % 2]
        notices: tuple[Input, ...] = (
            says.drift(symbol, ("minor", "major", "severe", "unknown")[choice // 2 % 4]),
            says.agreed(symbol),
            says.clock((size - 128) * 10**7),
            says.clock(0),
            says.called(ok=False),
            says.called(ok=True),
            says.kill_file(),
            says.ticked(),
        )
        self.script.hears(notices[size % len(notices)])

    def outage(self, choice: int, size: int) -> None:
        for call in range(12):
            self.script.hears(says.called(ok=call % 8 == size % 8))

    def settle_quarantine(self, choice: int, size: int) -> None:
        waiting = self.script.state.quarantined
        if not waiting:
            return
        fill = waiting[choice % len(waiting)]
        answers: tuple[Input, ...] = (
            says.adopt(fill.symbol, fill.trade_id, "ab"[choice % 2]),
            says.discard(fill.symbol, fill.trade_id),
            says.confirmed(fill.order_id, fill.symbol, fill.trade_id),
        )
        self.script.hears(answers[size % len(answers)])

    def aux(self, choice: int, size: int) -> None:
        self.script.learns("open_interest", size, (BTC, PERP)[choice % 2], age=choice * MINUTE)

    def _report(self, order_id: str, qty: int, price: int, symbol: str, side: str, *, fee: int) -> None:
        report = says.filled(
            order_id,
            qty,
            price,
            trade=str(len(self.fills)),
            side=side,  # type: ignore[arg-type]
            symbol=symbol,
            fee=fee,
        )
        self.fills.append(report)
        self.script.hears(report)


Happening = Callable[[History, int, int], None]
ORDINARY: tuple[Happening, ...] = (
    History.want,
    History.fill,
    History.bar,
    History.want,
    History.fill,
    History.answer,
    History.funding,
    History.fill_again,
    History.cancel,
    History.fill,
    History.day,
    History.fill_of_nobody,
)
WARNINGS: tuple[Happening, ...] = (
    History.notice,
    History.outage,
    History.settle_quarantine,
    History.aux,
)
HAPPENINGS = (*ORDINARY, History.command, *WARNINGS)


def bytes_of(happenings: int) -> st.SearchStrategy[bytes]:
    """Bytes for histories of half as many up to `happenings` happenings."""
    return st.binary(min_size=3 * (happenings // 2), max_size=3 * happenings)


def begun(
    *, guards: tuple[Guard, ...] = GUARDS, limits: RiskLimits = LIMITS, journal: object = None
) -> History:
    """A trades the perpetual against the spot, B the spot alone and counts its turns; both prices are known."""
    script = Script(
        player("a", PERP, BTC, strategy=PUPPET, limits=limits),
        player("b", BTC, strategy=DIARIST, limits=limits),
        guards=guards,
        journal=journal if isinstance(journal, RecordingJournal) else None,
    )
    return History(script.ticks(100_00, BTC).ticks(100_00, PERP))


def unfold(
    history: History, drawn: bytes, happenings: tuple[Happening, ...] = HAPPENINGS
) -> Iterator[Script]:
    """Let everything happen that `drawn` says; yields the script after each."""
    for kind, choice, size in zip(*[iter(drawn)] * 3, strict=False):
        happenings[kind % len(happenings)](history, choice, size)
        yield history.script
