import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.kit.market import BTC, usd
from tests.kit.players import DIARIST, player
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.domain.canonical import canonical_json
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.state.hash import state_hash
from veracity.state.snapshot import Snapshot, account_hash, restore, take


def two_sides() -> Script:
    """A at +2.000 and B at -1.000 in one symbol; B closed a part at a loss before; each has a memo of its own."""
    script = Script(player("a", strategy=DIARIST), player("b", strategy=DIARIST)).ticks(100_00)
    trade(script, "buy", 2_000, 100_00, strategy_id="a")
    trade(script, "sell", 1_500, 100_00, strategy_id="b")
    trade(script, "buy", 500, 101_00, strategy_id="b", purpose="reduce")
    script.wants("a", 2_000).wants("b", -1_000).wants("b", -1_000)
    return script


@pytest.mark.ticket("T-041")
def test_a_snapshot_holds_each_strategys_own_account() -> None:
    script = two_sides()
    accounts = restore(take(script.state)).accounts
    assert {name: account.positions[BTC].qty for name, account in accounts.items()} == {
        "a": 2_000,
        "b": -1_000,
    }
    assert {name: account.memo for name, account in accounts.items()} == {"a": (1,), "b": (2,)}
    assert {name: account.loss_ts for name, account in accounts.items()} == {"a": None, "b": script.now}
    assert {name: account.day.entries for name, account in accounts.items()} == {"a": 1, "b": 1}
    for name, account in accounts.items():
        assert (account.strategy_id, account.cash_start) == (name, usd(10_000))
        assert (account.day.equity_start, account.risk.peak) == (usd(10_000), usd(10_000))


@pytest.mark.ticket("T-041")
def test_an_event_of_one_strategy_changes_its_own_hash_only() -> None:
    script = two_sides()
    before = json.loads(take(script.state))["strategies"]
    script.wants("a", 2_000)
    after = json.loads(take(script.state))["strategies"]
    assert sorted(after) == ["a", "b"]
    assert after["a"] != before["a"]
    assert after["b"] == before["b"]


@pytest.mark.ticket("T-102")
def test_cash_comes_back_from_the_file_to_the_last_unit_and_in_its_currency(tmp_path: Path) -> None:
    script = Script(
        player("a", cash=usd("10000.12345678"), currency="USDT"),
        player("b", cash=usd("0.00000001"), currency="BNB"),
        player("c", cash=-usd("5.00000000"), currency="BTC"),
    ).ticks(100_00)
    file = tmp_path / "snapshot.json"
    file.write_bytes(take(script.state))
    accounts = restore(file.read_bytes()).accounts
    assert {name: (account.cash, account.currency) for name, account in accounts.items()} == {
        "a": (1_000_012_345_678, "USDT"),
        "b": (1, "BNB"),
        "c": (-500_000_000, "BTC"),
    }
    assert {account.day.equity_start for account in accounts.values()} == {1_000_012_345_678, 1, -500_000_000}


@pytest.mark.ticket("T-102")
def test_fee_and_funding_totals_come_back(tmp_path: Path) -> None:
    script = Script(player("a", "BTCUSDT-PERP")).ticks(50_000_00, "BTCUSDT-PERP")
    trade(script, "buy", 1_000, 50_000_00, symbol="BTCUSDT-PERP", fee=usd("25.00000001"))
    script.settles(100_000, 50_000_00, "BTCUSDT-PERP")
    file = tmp_path / "snapshot.json"
    file.write_bytes(take(script.state))
    account = restore(file.read_bytes()).accounts["a"]
    assert (account.fees, account.funding) == (2_500_000_001, -usd(5))
    assert account.cash == usd("-40030.00000001")


def test_a_restored_state_is_the_same_state() -> None:
    script = two_sides()
    again = restore(take(script.state))
    assert again == script.state
    assert state_hash(again) == script.hash
    assert take(again) == take(script.state)


def _swap_accounts(raw: dict[str, Any]) -> None:
    accounts = raw["state"]["accounts"]
    accounts["a"], accounts["b"] = accounts["b"], accounts["a"]


def _one_unit(raw: dict[str, Any]) -> None:
    raw["state"]["accounts"]["b"]["cash"] += 1


def _another_hash(raw: dict[str, Any]) -> None:
    raw["strategies"]["a"] = raw["strategies"]["b"]


def _no_account(raw: dict[str, Any]) -> None:
    del raw["state"]["accounts"]["b"]


@pytest.mark.ticket("T-103")
@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (_swap_accounts, "strategy a"),
        (_one_unit, "strategy b"),
        (_another_hash, "strategy a"),
        (_no_account, "strategy b"),
    ],
)
def test_a_damaged_part_is_refused_and_named(damage: Callable[[dict[str, Any]], None], named: str) -> None:
    raw = json.loads(take(two_sides().state))
    damage(raw)
    with pytest.raises(OperatorFault, match=named) as refusal:
        restore(canonical_json(raw))
    assert refusal.value.exit_code is ExitCode.FINDING


@pytest.mark.parametrize("field", ["seq", "ts", "day"])
def test_damage_outside_of_the_accounts_is_refused(field: str) -> None:
    raw = json.loads(take(two_sides().state))
    raw["state"][field] += 1
    with pytest.raises(OperatorFault, match="the state does not match its hash"):
        restore(canonical_json(raw))


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff", take(Script().state)[:-1]])
def test_what_is_no_snapshot_is_refused(raw: bytes) -> None:
    with pytest.raises(OperatorFault, match="not readable"):
        restore(raw)


def test_an_account_that_no_part_hash_covers_cannot_be_smuggled_in() -> None:
    script = two_sides()
    lacking = Snapshot(script.state.seq, script.hash, {"a": account_hash(script.account("a"))}, script.state)
    with pytest.raises(OperatorFault, match="strategy b"):
        restore(canonical_json(lacking))
