from pathlib import Path

import pytest
from tests.app.configs import GOOD, INSTRUMENT, STRATEGY, changed, loaded, only, refused, told

from veracity.app.config_instruments import moment_ns
from veracity.domain.amounts import INT64_MAX
from veracity.domain.errors import ExitCode
from veracity.simulator.costs import CostModel

ALL_WRONG = """\
[run]
label = "BTC momentum"
sed = 1
[costs]
fee_taker = "0.0005"
fee_maker = 0.2
latency_submit_ms = 1.5
[[instruments]]
symbol = "BTCUSDT"
kind = "spott"
[[instruments]]
symbol = "ETHUSDT"
kind = "spot"
base = "ETH"
quote = "USDT"
price_scale = 4
qty_scale = 5
tick = 0.00001
lot = 0.00001
interval = "1m"
bars = "none.parquet"
funding = "funding.parquet"
[[strategies]]
id = "a"
strategy = "momentun"
legs = ["BTCUSD"]
cash = 1000
[[strategies]]
id = "a"
strategy = "mean_reversion"
legs = ["-ETHUSDT"]
cash = 0.000000001
[strategies.params]
qty = nan
entry_z = 0.01
exit_z = 0.02
lenght = 3
[strategies.risk]
trades_per_day = true
"""


def test_all_that_is_wrong_is_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    faults = refused(tmp_path, ALL_WRONG)
    assert [(fault.where.removeprefix("run.toml:"), fault.what) for fault in faults] == [
        ("2", "run.label: does not have the form ^[a-z0-9][a-z0-9-]{0,31}$"),
        ("3", "run.sed: unknown key"),
        ("5", "costs.fee_taker: must be a number"),
        ("6", "costs.fee_maker: must be at most 0.1"),
        ("7", "costs.latency_submit_ms: must be a whole number"),
        *[
            ("8", f"instruments[0].{key}: missing key")
            for key in ("base", "quote", "price_scale", "qty_scale", "tick", "lot", "interval", "bars")
        ],
        ("10", "instruments[0].kind: must be one of 'spot' or 'perp'"),
        ("17", "instruments[1].qty_scale: price_scale + qty_scale must be at most 8"),
        ("18", "instruments[1].tick: cannot be used"),
        ("21", "instruments[1].bars: there is no such file"),
        ("22", "instruments[1].funding: only a perpetual has funding"),
        ("25", "strategies[0].strategy: unknown strategy"),
        ("26", "strategies[0].legs[0]: is not an instrument of this file"),
        ("29", "strategies[1].id: used twice"),
        ("34", "strategies[1].params.qty: must be a finite number"),
        ("35", "strategies[1].params.entry_z: must be above exit_z"),
        ("36", "strategies[1].params.exit_z: must be below entry_z"),
        ("37", "strategies[1].params.lenght: unknown key"),
        ("39", "strategies[1].risk.trades_per_day: must be a whole number"),
    ]
    assert {fault.exit_code for fault in faults} == {ExitCode.CONFIG}


def test_a_fault_says_what_is_there_what_the_key_means_and_an_example(tmp_path: Path) -> None:
    assert only(tmp_path, changed("cash = 100000", 'cash = "much"')) == (
        'run.toml:16: strategies[0].cash: must be a number: it is "much" '
        "(Starting cash, in the quote currency of its legs; for example 100000)"
    )
    assert "for example 0.00001)" in only(tmp_path, changed("lot = 0.00001", "lot = 0"))


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("[cots]\n", "costs"),
        ("[strategy]\n", "strategies"),
        ("[instrument]\n", "instruments"),
        ("[report]\nbaseline = true\n", "baselines"),
    ],
)
def test_an_unknown_key_is_answered_with_the_nearest_one(tmp_path: Path, wrong: str, meant: str) -> None:
    assert f"unknown key (did you mean {meant}?)" in only(tmp_path, wrong + GOOD)


def test_a_key_that_resembles_none_is_answered_with_all(tmp_path: Path) -> None:
    assert "(known: baselines)" in only(tmp_path, "[report]\nzzz = 1\n" + GOOD)


def test_a_misspelled_required_key_is_one_fault_and_not_two(tmp_path: Path) -> None:
    assert "instruments[0].symbl: unknown key (did you mean symbol?)" in only(
        tmp_path, changed('symbol = "BTCUSDT"', 'symbl = "BTCUSDT"', INSTRUMENT)
    )


def test_a_list_of_tables_that_is_one_table_is_refused(tmp_path: Path) -> None:
    assert (
        "instruments: must be a list: it is a table"
        in told(tmp_path, changed("[[instruments]]", "[instruments]"))[0]
    )


def test_a_list_of_something_else_than_tables_is_refused(tmp_path: Path) -> None:
    assert "instruments[0]: must be a table: it is 1" in told(tmp_path, "instruments = [1]\n" + STRATEGY)[0]
    assert "strategies[0]: must be a table" in only(tmp_path, 'strategies = ["sma"]\n' + INSTRUMENT)


def test_a_config_without_instruments_is_refused(tmp_path: Path) -> None:
    assert "instruments: missing key" in only(tmp_path, "[run]\n")
    assert "instruments: must have at least 1 entry" in only(tmp_path, "instruments = []")


def test_a_config_without_strategies_is_accepted(tmp_path: Path) -> None:
    config = loaded(tmp_path, INSTRUMENT)
    assert config.bound_strategies() == []
    assert [source.symbol for source in config.sources()] == ["BTCUSDT"]


def test_defaults_are_filled_in(tmp_path: Path) -> None:
    config = loaded(tmp_path, GOOD)
    assert (config.run.label, config.run.seed, config.run.close_at_end) == ("backtest", 1, True)
    assert config.report.baselines is True
    assert config.cost_model() == CostModel(
        fee_taker=1_000_000,
        fee_maker=1_000_000,
        half_spread=100_000,
        participation_max=100_000_000,
        latency_submit_ns=50_000_000,
        latency_cancel_ns=50_000_000,
        queue_ahead=1_000_000_000,
    )


def test_rates_become_whole_numbers_of_1e_9_exactly(tmp_path: Path) -> None:
    costs = loaded(tmp_path, "[costs]\nfee_taker = 0.000000001\nfee_maker = -0.0002\n" + GOOD).cost_model()
    assert (costs.fee_taker, costs.fee_maker) == (1, -200_000)
    fault = only(tmp_path, "[costs]\nfee_taker = 0.0000000001\n" + GOOD)
    assert "costs.fee_taker: cannot be used: 1E-10 has more than 9 decimals" in fault


def test_a_bound_holds_exactly_at_its_decimal(tmp_path: Path) -> None:
    assert loaded(tmp_path, "[costs]\nfee_taker = 0.1\n" + GOOD).cost_model().fee_taker == 100_000_000
    assert "must be at most 0.1" in only(tmp_path, "[costs]\nfee_taker = 0.100000000000000001\n" + GOOD)


@pytest.mark.parametrize("number", ["inf", "-inf", "nan"])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, number: str) -> None:
    assert "must be a finite number" in only(tmp_path, changed("cash = 100000", f"cash = {number}"))


def test_the_units_of_an_instrument_are_whole_numbers(tmp_path: Path) -> None:
    (source,) = loaded(tmp_path, changed('interval = "1m"', 'interval = "8h"\nnotional_min = 5')).sources()
    assert (source.tick, source.lot, source.notional_min) == (1, 1, 500_000_000)
    assert source.interval_ns == 8 * 3_600 * 10**9
    assert source.bars == (tmp_path / "bars.parquet").resolve()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "tick = 0.01",
            "tick = 0.001",
            "instruments[0].tick: cannot be used: 0.001 has more than 2 decimals",
        ),
        (
            "lot = 0.00001",
            "lot = 0.000001",
            "instruments[0].lot: cannot be used: 0.000001 has more than 5 decimals",
        ),
        ("qty_scale = 5", "qty_scale = 7", "price_scale + qty_scale must be at most 8: they are 2 + 7 = 9"),
        ('quote = "USDT"', 'quote = "BTC"', "instruments[0].quote: must differ from base"),
        ('kind = "spot"', 'kind = "perp"', "instruments[0].funding: missing key: BTCUSDT is a perpetual"),
        ('interval = "1m"', 'interval = "1 minute"', "instruments[0].interval: does not have the form"),
        ('bars = "bars.parquet"', 'bars = "."', "instruments[0].bars: is not a file"),
        ('bars = "bars.parquet"', 'bars = "x"', "instruments[0].bars: there is no such file: x"),
        (
            'bars = "bars.parquet"',
            'bars = "bars.parquet"\ngap_run_max = 3',
            "instruments[0].gap_run_max: has no effect",
        ),
    ],
)
def test_values_that_do_not_go_together_are_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert fault in only(tmp_path, changed(old, new))


def test_scales_that_add_up_to_eight_are_accepted(tmp_path: Path) -> None:
    text = changed("qty_scale = 5", "qty_scale = 6")
    assert loaded(tmp_path, text).sources()[0].qty_scale == 6


def test_a_symbol_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    fault = only(tmp_path, INSTRUMENT + INSTRUMENT)
    assert (
        fault
        == f"run.toml:13: instruments[1].symbol: used twice: BTCUSDT is in {tmp_path}/run.toml:2 already"
    )


@pytest.mark.parametrize(
    ("written", "ns"),
    [
        ("2023-02-14", 1_676_332_800 * 10**9),
        ('"2023-02-14"', 1_676_332_800 * 10**9),
        ("2023-02-14T00:00:00Z", 1_676_332_800 * 10**9),
        ("2023-02-14 01:00:00.5+01:00", 1_676_332_800 * 10**9 + 5 * 10**8),
        ('"2023-02-14T08:00:00Z"', 1_676_361_600 * 10**9),
    ],
)
def test_a_moment_is_a_date_or_a_time_with_a_zone(tmp_path: Path, written: str, ns: int) -> None:
    (source,) = loaded(tmp_path, changed('interval = "1m"', f'interval = "1m"\nstart = {written}')).sources()
    assert source.start_ts == ns


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2023-02-14T00:00:00", "it has no time zone"),
        ('"yesterday!"', "Invalid isoformat string"),
        ("1969-12-31", "not between 1970 and 2262"),
        ("2262-04-12", "not between 1970 and 2262"),
    ],
)
def test_a_moment_that_is_none_is_refused(tmp_path: Path, written: str, why: str) -> None:
    fault = only(tmp_path, changed('interval = "1m"', f'interval = "1m"\nend = {written}'))
    assert fault.startswith("run.toml:11: instruments[0].end: is not a date or an RFC 3339 time: ")
    assert why in fault


def test_the_last_moment_fits_64_bits() -> None:
    assert moment_ns("2262-04-11") <= INT64_MAX
    with pytest.raises(ValueError, match="2262"):
        moment_ns("2262-04-11T23:47:17Z")


def test_an_end_must_be_after_its_start(tmp_path: Path) -> None:
    at = 'interval = "1m"'
    assert "must be after start" in only(tmp_path, changed(at, f"{at}\nstart = 2023-02-14\nend = 2023-02-14"))
    assert loaded(tmp_path, changed(at, f"{at}\nstart = 2023-02-14\nend = 2023-02-14T00:01:00Z")).sources()


def test_gap_and_outlier_settings_reach_the_data(tmp_path: Path) -> None:
    settings = """\
gaps = "allow"
gap_total_max = 60
gap_run_max = 15
duplicates = "drop_identical"
return_abs_max = 0.3
wick_abs_max = 0.5
exceptions = [{ ts = "2023-03-11T10:40:00Z", reason = "seen on two other venues" }]
"""
    (source,) = loaded(tmp_path, changed('interval = "1m"\n', f'interval = "1m"\n{settings}')).sources()
    assert (source.gaps, tuple(source.gap_limits), source.duplicates) == ("allow", (60, 15), "drop_identical")
    assert (source.outliers.return_abs_max, source.outliers.wick_abs_max) == (300_000_000, 500_000_000)
    assert source.outliers.exceptions == ((1_678_531_200 * 10**9, "seen on two other venues"),)
