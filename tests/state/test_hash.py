import hashlib
import json

import pytest
from tests.kit.market import BTC, ETH
from tests.kit.players import player
from tests.kit.process import ROOT
from tests.kit.script import Script

from veracity.state.hash import state_hash
from veracity.state.model import EngineState, Market

EMPTY = (  # the state before the first event: the worked example of specs/core-engine/state.md
    '{"accounts":{},"aux":{},"booked":{},"breaker":{"calls":[],"good_probes":0,"is_probing":false,"state":"closed",'
    '"until":null},"checkpoint_seq":0,"clock":null,"closed":{},"closed_ids":[],"day":0,"drift":{},"exits":{},"instruments":{},'
    '"intents":{},"is_finished":false,"markets":{},"mode":"recovering","mode_reason":"","orders":{},"quarantined":[],'
    '"run_id":"","seq":0,"ts":0}'
)


def test_the_hash_of_the_empty_state_is_the_one_of_the_specification() -> None:
    assert state_hash(EngineState()) == hashlib.sha256(EMPTY.encode()).hexdigest()
    text = (ROOT / "specs/core-engine/state.md").read_text(encoding="utf-8")
    assert f" {EMPTY}\n" in text
    assert state_hash(EngineState()) in text


@pytest.mark.ticket("T-024")
def test_the_order_in_which_symbols_came_does_not_matter() -> None:
    forwards, backwards = EngineState(seq=9), EngineState(seq=9)
    markets = {BTC: Market(100_00, 1), ETH: Market(50_00, 2)}
    forwards.markets.update(markets)
    backwards.markets.update(reversed(markets.items()))
    assert list(forwards.markets) != list(backwards.markets)
    assert state_hash(forwards) == state_hash(backwards)


@pytest.mark.ticket("T-024")
def test_one_unit_of_cash_changes_the_hash() -> None:
    one, other = Script(player("a", cash=1_000)), Script(player("a", cash=1_001))
    assert one.hash != other.hash


def test_every_field_of_the_state_is_hashed() -> None:
    text = json.loads(EMPTY)
    assert sorted(EngineState.__struct_fields__) == sorted(text)


def test_a_hash_changes_nothing() -> None:
    script = Script().ticks(100_00)
    assert state_hash(script.state) == state_hash(script.state)
    assert script.state.seq == len(script.journal.records)
