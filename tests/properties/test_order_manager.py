"""The order manager (`apply` and the reports before it) does what specs/machines/order.yaml says, and no more.

Every configuration that the YAML can reach is reached by a shortest path of real events; there every event is tried,
fills with every quantity up to one too many.
"""

from collections.abc import Iterator

import pytest
from tests.generation.order_oracle import DOCUMENT, QTY, Case, outcome, reachable_cases
from tests.kit import says
from tests.kit.script import Script

from veracity.domain.errors import IllegalTransition
from veracity.domain.events import (
    CancelRejected,
    CancelRequested,
    Event,
    FillQuarantined,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmitted,
    ReportRefused,
)
from veracity.state.apply import apply

ORDER, INTENT, WHO = "01234567-a-1", "01234567-a-0", "a"
CONFIGURATIONS = list(dict.fromkeys((case.state, case.filled) for case in reachable_cases()))


def paths() -> dict[tuple[str, int], tuple[Case, ...]]:
    """A shortest way from a new order to each configuration."""
    found: dict[tuple[str, int], tuple[Case, ...]] = {(DOCUMENT["initial"], 0): ()}
    for case in reachable_cases():  # breadth first
        after = outcome(case)[0]
        if after is not None:
            found.setdefault((after, case.filled + case.fill_qty), (*found[case.state, case.filled], case))
    return found


PATHS = paths()


def event_of(script: Script, case: Case) -> Event:
    """The record that a case's event is."""
    seq, ts = script.state.seq + 1, script.now
    plain = {
        "accept": OrderAccepted,
        "reject": OrderRejected,
        "request_cancel": CancelRequested,
        "confirm_cancel": OrderCancelled,
        "refuse_cancel": CancelRejected,
        "expire": OrderExpired,
        "lose": OrderOutcomeUnknown,
    }
    match case.event:
        case "submit":
            return OrderSubmitted(
                seq, ts, ORDER, INTENT, WHO, "BTCUSDT", "buy", QTY, "market", None, "open", None
            )
        case "fill":
            trade = f"{seq}"
            costs = (None, None, None, None)
            return OrderFilled(
                seq, ts, ORDER, INTENT, WHO, "BTCUSDT", trade, "buy", 1, case.fill_qty, "taker", *costs
            )
        case _:
            return plain[case.event](seq, ts, ORDER, INTENT, "said_so")


def brought_to(configuration: tuple[str, int]) -> Script:
    """A conversation in which the order is in this configuration."""
    script = Script().ticks(100_00)
    for case in PATHS[configuration]:
        apply(script.state, event_of(script, case))
    return script


def cases_in(configuration: tuple[str, int]) -> Iterator[Case]:
    return (case for case in reachable_cases() if (case.state, case.filled) == configuration)


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_a_legal_event_moves_the_order_and_an_illegal_one_is_refused_whole(
    configuration: tuple[str, int],
) -> None:
    for case in cases_in(configuration):
        script = brought_to(configuration)
        after, _ = outcome(case)
        before = script.hash
        if after is None or (case.event == "submit" and configuration[0] != "created"):
            with pytest.raises(Exception, match=ORDER) as refusal:
                apply(script.state, event_of(script, case))
            assert isinstance(refusal.value, IllegalTransition) or case.event == "submit"
            assert script.hash == before, case
        else:
            apply(script.state, event_of(script, case))
            order = script.order_of(ORDER)
            assert (order.state.value, order.filled, order.leaves) == (
                after,
                case.filled + case.fill_qty,
                QTY - case.filled - case.fill_qty,
            ), case
            assert (ORDER in script.state.orders) == (after not in terminal()), case


def terminal() -> list[str]:
    return [name for name, state in DOCUMENT["states"].items() if state.get("terminal")]


REPORTS = {
    "accept": says.acked,
    "reject": says.refused,
    "confirm_cancel": says.cancelled,
    "refuse_cancel": says.cancel_refused,
    "expire": says.expired,
    "lose": says.lost,
}


@pytest.mark.parametrize("configuration", CONFIGURATIONS[1:], ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_a_report_that_the_table_does_not_allow_is_recorded_and_moves_nothing(
    configuration: tuple[str, int],
) -> None:
    for case in cases_in(configuration):
        if case.event in ("submit", "request_cancel") or (case.event == "fill" and case.fill_qty == 0):
            continue  # not the venue's to say
        script = brought_to(configuration)
        before = script.order_of(ORDER).state
        if case.event == "fill":
            script.hears(says.filled(ORDER, case.fill_qty, trade="77"))
        else:
            script.hears(REPORTS[case.event](ORDER))
        after, _ = outcome(case)
        refusal = FillQuarantined if case.event == "fill" else ReportRefused
        assert isinstance(script.said[0], refusal) == (after is None), case
        assert len(script.said) == 1, case
        assert script.order_of(ORDER).state.value == (after or before.value), case


def test_the_walk_reaches_every_state_and_every_event() -> None:
    assert {state for state, _ in CONFIGURATIONS} == set(DOCUMENT["states"])
    assert {case.event for path in PATHS.values() for case in path} >= set(DOCUMENT["events"]) - {
        "refuse_cancel"
    }
    assert (
        len(CONFIGURATIONS) == 19
    )  # by hand: 1 created, submitted, accepted, filled and rejected; 2 partial; 3 of the others
