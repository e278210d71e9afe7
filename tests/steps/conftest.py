"""The steps of all scenarios. A step says one thing to the engine or checks one thing that it said."""

import pytest
from pytest_bdd import given, parsers, then, when
from tests.kit.market import BTC, START, usd
from tests.kit.says import (
    called,
    close_all,
    close_only,
    drift,
    halt,
    kill_file,
    lost,
    resume,
    safe_mode,
)
from tests.steps.story import Story, clock, price, qty

from veracity.domain.events import (
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderSubmitted,
    RegimeChanged,
    RegimeLabel,
)
from veracity.domain.time import NS_PER_DAY, NS_PER_MINUTE
from veracity.engine.core import Engine
from veracity.engine.draft import Step
from veracity.runtime.replay import fold
from veracity.state.model import EngineState, working_qty


@pytest.fixture
def story() -> Story:
    return Story()


# ------------------------------------------------------------------------------------------------ what is given


@given(parsers.parse("a strategy {name} with {cash} USDT"))
def _(story: Story, name: str, cash: str) -> None:
    story.enter(name, cash)


@given(parsers.parse("{name} may be exposed to at most {amount} USDT"))
def _(story: Story, name: str, amount: str) -> None:
    story.limit(name, max_exposure=usd(amount))


@given(parsers.parse("{name} may lose at most {percent:d} % of a day's starting equity"))
def _(story: Story, name: str, percent: int) -> None:
    story.limit(name, daily_loss=percent * 10**7)


@given(parsers.parse("{name} pauses {minutes:d} minutes after a loss"))
def _(story: Story, name: str, minutes: int) -> None:
    story.limit(name, cooldown_ns=minutes * NS_PER_MINUTE)


@given(parsers.parse("{name} decides by the regime of BTC"))
def _(story: Story, name: str) -> None:
    story.by_regime(name)


@given(parsers.parse("{name} holds {quantity} BTC bought at {at}"))
@when(parsers.parse("{name} comes to hold {quantity} BTC at {at}"))
def _(story: Story, name: str, quantity: str, at: str) -> None:
    story.holds(name, qty(quantity), price(at))


@given(parsers.parse("at {time} UTC {name} sells its BTC at {at}"))
def _(story: Story, time: str, name: str, at: str) -> None:
    story.time(clock(time))
    story.script.wants(name, 0)
    story.fill(price(at))


# ------------------------------------------------------------------------------------------------ what happens


@given(parsers.parse("it is {time} UTC"))
@when(parsers.parse("it is {time} UTC"))
def _(story: Story, time: str) -> None:
    story.time(clock(time))


@when(parsers.parse("it is {time} UTC of the next day"))
def _(story: Story, time: str) -> None:
    story.time(clock(time) + NS_PER_DAY)


@given(parsers.parse("BTC trades at {at}"))
@when(parsers.parse("BTC trades at {at}"))
def _(story: Story, at: str) -> None:
    story.trades_at(price(at))


@when(parsers.parse("{name} wants to hold {quantity} BTC"))
def _(story: Story, name: str, quantity: str) -> None:
    story.script.wants(name, qty(quantity))


@when("the venue does not answer")
def _(story: Story) -> None:
    story.script.hears(lost(story.script.order))


@when(parsers.parse("the order trades at {at}"))
def _(story: Story, at: str) -> None:
    story.fill(price(at))


@when(parsers.parse('the operator halts the engine because of "{why}"'))
def _(story: Story, why: str) -> None:
    story.script.hears(halt(why))


@when(parsers.parse('the operator resumes because of "{why}"'))
def _(story: Story, why: str) -> None:
    story.script.hears(resume(why))


@when("the operator closes everything")
def _(story: Story) -> None:
    story.script.hears(close_all())


@when("the engine is restarted from its journal", target_fixture="restarted")
def _(story: Story) -> EngineState:
    return fold(story.script.journal.records, ())


# ------------------------------------------------------------------------------------------------ what is seen


@then(parsers.parse("an order to {side} {quantity} BTC is sent"))
def _(story: Story, side: str, quantity: str) -> None:
    assert [(order.side, order.qty) for order in story.sent] == [(side, qty(quantity))]


@then("nothing is sent")
def _(story: Story) -> None:
    assert story.sent == []


@then(parsers.parse("the refusal names the rule {rule} of {ticket}"))
def _(story: Story, rule: str, ticket: str) -> None:
    assert [(refusal.rule, refusal.ticket) for refusal in story.refusals] == [(rule, ticket)]


@then(parsers.parse("{quantity} BTC are still counted as under way"))
def _(story: Story, quantity: str) -> None:
    assert working_qty(story.script.state, story.script.account("alpha"), BTC) == qty(quantity)


@then(parsers.parse("{name} holds {quantity} BTC"))
def _(story: Story, name: str, quantity: str) -> None:
    assert story.script.position(name).qty == qty(quantity)


@then(parsers.parse("the engine is {mode}"))
def _(story: Story, mode: str) -> None:
    assert story.script.state.mode.value == mode


@then(parsers.parse("{name} would be {answer} at {time} UTC"))
def _(story: Story, restarted: EngineState, name: str, answer: str, time: str) -> None:
    restarted.ts = START + clock(time)
    engine = Engine([player.bound for player in story.players()])
    answers = {"refused": IntentDenied, "approved": OrderSubmitted}
    assert [type(event) for event in engine.turn(restarted, name, (1_000,)).events] == [
        IntentCreated,
        answers[answer],
    ]


# ------------------------------------------------------------------------------------------------ halts


LEADS = {"close_only": close_only, "safe": safe_mode, "halted": halt}


@when(parsers.parse("the operator leads the engine to {mode}"))
def _(story: Story, mode: str) -> None:
    if mode != "running":
        story.script.hears(LEADS[mode]())


@given("a kill file is seen")
@when("a kill file is seen")
def _(story: Story) -> None:
    story.script.hears(kill_file())


@when(parsers.parse("{minutes:d} minutes pass"))
def _(story: Story, minutes: int) -> None:
    for _ in range(minutes):
        story.tick()


@when(parsers.parse("{count:d} venue calls succeed"))
def _(story: Story, count: int) -> None:
    for _ in range(count):
        story.script.hears(called(ok=True))


@when(parsers.parse("{count:d} venue calls fail"))
def _(story: Story, count: int) -> None:
    for _ in range(count):
        story.script.hears(called(ok=False))


@when(parsers.parse("the venue reports a {severity} drift of BTC"))
def _(story: Story, severity: str) -> None:
    story.script.hears(drift(BTC, severity))


@when(parsers.parse("the regime of BTC becomes {label}"))
def _(story: Story, label: RegimeLabel) -> None:
    state = story.script.state
    watch = state.markets[BTC].regime
    assert watch is not None
    changed = RegimeChanged(state.seq + 1, state.ts, BTC, watch.label, label, None)
    story.script.loop.commit(Step((changed,), ()))


@when(parsers.parse("{minutes:d} minutes pass without a bar of BTC"))
def _(story: Story, minutes: int) -> None:
    story.script.now += minutes * NS_PER_MINUTE
    story.script.learns("open_interest", 1)


@then(parsers.parse("the breaker is {state}"))
def _(story: Story, state: str) -> None:
    assert story.script.state.breaker.state.value == state


@then(parsers.parse("the mode has changed {count:d} times since running"))
def _(story: Story, count: int) -> None:
    changes = story.script.all(ModeChanged)
    assert [change.mode_to.value for change in changes].index("running") == len(changes) - 1 - count


@then(parsers.parse("the restarted engine is {mode}"))
def _(restarted: EngineState, mode: str) -> None:
    assert restarted.mode.value == mode


@then(parsers.parse("the restarted engine answers {name} that wants {quantity} BTC with {said}"))
def _(story: Story, restarted: EngineState, name: str, quantity: str, said: str) -> None:
    engine = Engine([player.bound for player in story.players()])
    events = engine.turn(restarted, name, (qty(quantity),)).events
    assert [event.__struct_config__.tag for event in events] == ["intent_created", said]
