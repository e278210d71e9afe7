"""events.jsonl: which events it holds, what each line says and of whom, and that every line can be read."""

import json
import stat
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.app.cli_kit import veracity
from tests.app.real_runs import TREND, run, waves
from tests.app.real_runs import write_config as write_small
from tests.app.small_run import CONFIG, write_config
from tests.forensics.events import (
    INTENT,
    ORDER,
    RUN,
    accepted,
    fee,
    filled,
    intent,
    logged,
    rejected,
    submitted,
)
from tests.forensics.log_schema import document, faults
from tests.forensics.runs import TAXONOMY, bundled_run, in_log, journal, lines
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, bars_of
from tests.kit.players import player

from veracity.domain.errors import IllegalTransition
from veracity.domain.events import (
    BarClosed,
    DayRolled,
    FillQuarantined,
    FundingPaid,
    MemoUpdated,
    ModeChanged,
    OrderAccepted,
)
from veracity.domain.machines import Mode
from veracity.forensics import event_log
from veracity.forensics.event_log import EventLog
from veracity.forensics.taxonomy import standard
from veracity.strategies import mean_reversion, momentum

OF_A_STRATEGY = ("intent_", "order_", "fill_", "fee_", "memo_", "cancel_", "funding_paid")
INT64 = st.integers(-(2**63) + 1, 2**63 - 1)


def strict(raw: bytes) -> Any:
    """One line by Python's own parser; a doubled key, NaN or Infinity is refused."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    def number(text: str) -> Any:
        raise AssertionError(f"{text} is no JSON")

    return json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=number)


@pytest.mark.ticket("T-055")
def test_the_log_of_a_run_has_a_line_for_each_record_that_the_taxonomy_wants() -> None:
    run_dir = bundled_run().run_dir
    wanted = Counter(record["kind"] for record in journal(run_dir) if in_log(record["kind"]))
    told = Counter(line["kind"] for line in lines(run_dir / "events.jsonl") if line["sub"] == 0)
    assert told == wanted
    assert told["order_filled"] > 10
    assert len(told) >= 12
    assert "bar_closed" not in told
    assert not (run_dir / "trace.jsonl").exists()


@pytest.mark.ticket("T-058")
def test_the_file_is_made_by_the_first_event_with_its_line_and_kept_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path, RUN, lines_buffered=1)
    assert list(tmp_path.iterdir()) == []
    log.emit(BarClosed(1, 1, "BTCUSDT", 0, 1, 1, 1, 1, 1))  # market data is not for this file
    assert list(tmp_path.iterdir()) == []
    log.emit(intent(2))
    assert [line["seq"] for line in lines(path)] == [2]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    log.emit(submitted(3))
    assert [line["seq"] for line in lines(path)] == [2, 3]
    log.close()


def test_a_backtest_that_is_refused_for_its_config_leaves_no_log(tmp_path: Path) -> None:
    path = write_config(tmp_path, CONFIG.replace("slow = 20", "slow = 5"))
    said = veracity("backtest", "-c", path, "--run-dir", tmp_path / "runs")
    assert said.code == 3
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["BTCUSDT_1m.parquet", "small.toml"]


@pytest.mark.ticket("T-055")
def test_the_log_goes_to_its_file_and_not_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    day = DayRolled(1, 86_400 * 10**9, 1)
    event_log.write([BarClosed(1, 1, "BTCUSDT", 0, 1, 1, 1, 1, 1), day], tmp_path / "events.jsonl", RUN)
    assert [line["kind"] for line in lines(tmp_path / "events.jsonl")] == ["day_rolled"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.ticket("T-051")
def test_every_line_has_the_run_s_id_and_the_seq_of_its_record(tmp_path: Path) -> None:
    run_dir = run(write_small(tmp_path, TREND, closes=waves(400)), tmp_path / "runs").run_dir
    (manifest,) = lines(run_dir / "manifest.json")
    kinds = {record["seq"]: record["kind"] for record in journal(run_dir)}
    told = lines(run_dir / "events.jsonl")
    assert len(told) > 100
    assert {line.get("run_id") for line in told} == {manifest["run_id"]}
    assert [line["kind"] for line in told] == [kinds.get(line.get("seq")) for line in told]
    assert all(type(line["seq"]) is int for line in told)
    assert [line["seq"] for line in told] != list(range(1, len(told) + 1))  # the journal's numbers, with gaps


@pytest.mark.ticket("T-051")
def test_another_seed_is_another_run_on_every_line(tmp_path: Path) -> None:
    small = write_small(tmp_path, TREND, closes=waves(400))
    runs = [run(small, tmp_path / f"runs-{seed}", f"run.seed={seed}") for seed in (1, 2)]
    told = [{line.get("run_id") for line in lines(one.run_dir / "events.jsonl")} for one in runs]
    assert told == [{one.run_id} for one in runs]
    assert told[0] != told[1]


def test_every_line_of_a_run_satisfies_the_published_schema() -> None:
    told = lines(bundled_run().run_dir / "events.jsonl")
    newest = {line["kind"]: line for line in told}
    assert {kind: faults(line) for kind, line in newest.items()} == {kind: [] for kind in newest}


def test_the_schema_lists_for_each_kind_what_the_taxonomy_lists() -> None:
    definitions = document("logs/event_line.schema.json")["$defs"]
    always = {
        "kind",
        "code",
        "level",
        "component",
        "corr_id",
        "strategy_id",
        "symbol",
        "from",
        "to",
        "trigger",
    }
    listed = {
        kind: set(one["properties"]) - always
        for kind, one in definitions.items()
        if kind in TAXONOMY["kinds"]
    }
    assert listed == {kind: set(standard().entry(kind).fields) for kind in TAXONOMY["kinds"] if in_log(kind)}
    for kind in listed:
        entry = standard().entry(kind)
        said = [definitions[kind]["properties"][name]["const"] for name in ("code", "level", "component")]
        assert said == [entry.code, entry.level, entry.component]


def test_the_schema_refuses_a_float_a_null_and_a_field_that_nobody_listed(tmp_path: Path) -> None:
    told = logged(tmp_path, [intent(), submitted(), filled(3)])
    assert [faults(line) for line in told] == [[], [], []]
    for bad in (
        {"price": 100.5},
        {"account_note": "x"},
        {"spread_cost": None},
        {"kind": "order_melted"},
        {"seq": 0},
    ):
        assert faults(told[2] | bad) != []
    assert faults({key: value for key, value in told[2].items() if key != "run_id"}) != []


def test_a_line_says_what_its_event_says(tmp_path: Path) -> None:
    told = logged(tmp_path, [intent(), submitted(), filled(3), fee(4)])
    head = {"schema": "veracity.log/1", "run_id": RUN, "level": "INFO", "sub": 0}
    whose = {"corr_id": INTENT, "strategy_id": "sma", "symbol": "BTCUSDT"}
    assert told[2] == head | whose | {
        "kind": "order_filled",
        "code": "ORD-004",
        "component": "execution",
        "seq": 3,
        "ts": 4,
        "order_id": ORDER,
        "trade_id": "t-1",
        "side": "buy",
        "price": 100_00,
        "qty": 3,
        "liquidity": "taker",
        "latency_cost": 0,
        "from": "submitted",
        "to": "filled",
        "trigger": "fill",
    }
    assert told[3] == head | whose | {
        "kind": "fee_charged",
        "code": "ACC-001",
        "component": "accounting",
        "seq": 4,
        "ts": 4,
        "order_id": ORDER,
        "trade_id": "t-1",
        "amount": 15,
        "rate": 500_000,
    }


@pytest.mark.ticket("T-079")
def test_a_field_that_is_not_listed_is_not_logged(tmp_path: Path) -> None:
    class Noted(OrderAccepted, frozen=True, tag_field="kind", tag="order_accepted"):
        account_note: str

    noted = Noted(3, 3, ORDER, INTENT, "v-1", account_note="private-4711")
    told = logged(tmp_path, [intent(), submitted(), noted])
    assert told[2]["venue_order_id"] == "v-1"
    assert "account_note" not in told[2]
    assert "private-4711" not in (tmp_path / "events.jsonl").read_text(encoding="utf-8")


@pytest.mark.ticket("T-079")
def test_a_listed_value_that_is_not_there_leaves_no_key(tmp_path: Path) -> None:
    told = logged(tmp_path, [intent(), submitted(), filled(3), DayRolled(4, 4, 1)])
    assert not {"limit_price", "clamped_by"} & set(told[1])
    assert {"latency_cost"} == {"latency_cost", "spread_cost", "impact_cost", "rounding_cost"} & set(told[2])
    assert not {"corr_id", "strategy_id", "symbol", "from", "to", "trigger"} & set(told[3])
    assert "null" not in (tmp_path / "events.jsonl").read_text(encoding="utf-8")


@pytest.mark.ticket("T-084")
def test_every_line_of_every_file_of_a_run_is_read_alike_by_two_parsers() -> None:
    found = sorted(bundled_run().run_dir.rglob("*.jsonl"))
    assert [path.name for path in found] == ["audit.jsonl", "events.jsonl"]
    for path in found:
        content = path.read_bytes()
        assert content.endswith(b"}\n")
        assert not content.startswith(b"\xef\xbb\xbf")
        raw = content.split(b"\n")[:-1]
        assert len(raw) > 50
        for line in raw:
            assert strict(line) == msgspec.json.decode(line)


@pytest.mark.ticket("T-084")
@given(
    detail=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    amounts=st.tuples(INT64, INT64, INT64),
)
def test_texts_and_64_bit_numbers_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, detail: str, amounts: tuple[int, int, int]
) -> None:
    position, rate, amount = amounts
    folder = tmp_path_factory.mktemp("log")
    events = [
        intent(),
        submitted(),
        rejected(3, f'"{detail}\\ \U0001f600'),
        FundingPaid(4, 4, "sma", "BTCUSDT", position, rate, 1, amount),
    ]
    logged(folder, events)
    raw = (folder / "events.jsonl").read_bytes().splitlines()
    assert len(raw) == len(events)
    assert [strict(line) for line in raw] == [msgspec.json.decode(line) for line in raw]
    assert strict(raw[2])["detail"] == f'"{detail}\\ \U0001f600'
    assert (strict(raw[3])["position"], strict(raw[3])["rate"], strict(raw[3])["amount"]) == amounts


@pytest.mark.ticket("T-090")
def test_every_line_of_a_decision_names_the_strategy_that_decided(tmp_path: Path) -> None:
    prices = [100_00 + 50 * min(bar % 24, 24 - bar % 24) for bar in range(120)]
    players = [
        player("sma", BTC, strategy=momentum.STRATEGY, params=momentum.Params(fast=3, slow=8, qty=1_000)),
        player(
            "rev",
            ETH,
            strategy=mean_reversion.STRATEGY,
            params=mean_reversion.Params(length=8, entry_milli=1_000, exit_milli=0, qty=500),
        ),
    ]
    run = run_small_backtest({BTC: bars_of(prices), ETH: bars_of(prices[3:] + prices[:3])}, players)
    event_log.write(run.events, tmp_path / "events.jsonl", RUN)
    told = lines(tmp_path / "events.jsonl")
    said = {event.seq: getattr(event, "strategy_id", None) for event in run.events}
    by_order = {event.order_id: event.strategy_id for event in run.events if hasattr(event, "clamped_by")}
    counts: Counter[str] = Counter()
    for line in told:
        if line["kind"].startswith(OF_A_STRATEGY):
            decided = said[line["seq"]] or by_order[line["order_id"]]
            assert line["strategy_id"] == decided
            assert line["symbol"] == {"sma": BTC, "rev": ETH}[decided]
            counts[decided] += 1
        elif line["kind"] != "strategy_started":
            assert "strategy_id" not in line
    assert min(counts["sma"], counts["rev"]) > 10
    assert {"mode_changed"} <= {line["kind"] for line in told}


@pytest.mark.ticket("T-090")
def test_a_late_fill_belongs_to_its_order_and_not_to_whoever_decided_last(tmp_path: Path) -> None:
    other = {"strategy_id": "rev", "symbol": "ETHUSDT"}
    events = [
        intent(1),
        submitted(2),
        intent(3, "01234567-rev-3", **other),
        submitted(4, "01234567-rev-4", "01234567-rev-3", **other),
        accepted(5),
        filled(6),
        MemoUpdated(7, 7, "rev", (1,)),
        DayRolled(8, 8, 1),
        ModeChanged(9, 9, Mode.RUNNING, Mode.HALTED, "operator", ""),
    ]
    told = logged(tmp_path, events)
    names = [line.get("strategy_id") for line in told]
    assert names == ["sma", "sma", "rev", "rev", "sma", "sma", "rev", None, None]
    assert [line.get("corr_id") for line in told[4:6]] == [INTENT, INTENT]


def test_a_foreign_fill_keeps_the_symbol_that_was_reported_and_names_no_strategy(tmp_path: Path) -> None:
    said = dict.fromkeys(FillQuarantined.__struct_fields__) | {
        "ts": 1,
        "symbol": "ETHUSDT",
        "trade_id": "9",
        "reason": "wrong_symbol",
    }
    foreign = FillQuarantined(**said | {"seq": 1, "order_id": "someone-else-7"})
    mixed = FillQuarantined(**said | {"seq": 4, "order_id": ORDER})
    told = logged(tmp_path, [foreign, intent(2), submitted(3), mixed])
    assert not {"strategy_id", "corr_id"} & set(told[0])
    assert told[0]["symbol"] == told[3]["symbol"] == "ETHUSDT"
    assert (told[3]["strategy_id"], told[3]["corr_id"]) == ("sma", INTENT)


@pytest.mark.ticket("T-091")
def test_every_intent_gives_a_reason_that_its_strategy_declares() -> None:
    prices = [100_00] * 49 + [110_00] * 30 + [90_00] * 30  # the fast average crosses at bar 50, and back
    trend = player("sma", BTC, strategy=momentum.STRATEGY, params=momentum.Params(fast=3, slow=8, qty=1_000))
    holder = player(
        "hold", BTC, strategy=momentum.STRATEGY, params=momentum.Params(fast=2, slow=100, qty=1_000)
    )
    run = run_small_backtest({BTC: bars_of(prices)}, [trend, holder])
    intents = [event for event in run.events if hasattr(event, "features")]
    assert {event.reason for event in intents} <= {*momentum.STRATEGY.reasons, "forced_close"}
    crossed = next(event for event in intents if event.strategy_id == "sma")
    known = run.dataset.instruments[0].bars.ts + run.dataset.instruments[0].source.interval_ns
    assert crossed.reason == "sma_cross_up"
    assert crossed.ts == known[49]
    assert [event.reason for event in intents if event.strategy_id == "sma"] == [
        "sma_cross_up",
        "sma_cross_down",
    ]


def test_an_event_that_cannot_follow_is_not_logged(tmp_path: Path) -> None:
    with pytest.raises(IllegalTransition, match="was never submitted"):
        logged(tmp_path, [intent(), filled(2)])
    assert [line["seq"] for line in lines(tmp_path / "events.jsonl")] == [1]
