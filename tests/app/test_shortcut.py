from decimal import Decimal
from pathlib import Path

import pytest
from tests.app.small_run import closes, write_bars

from veracity.app.config import LoadedConfig, validate_at_boot
from veracity.app.shortcut import Traits, document, interval_text, position, split_symbol, symbol_of
from veracity.domain.errors import ExitCode, OperatorFault, OperatorFaults


def made(data: Path, *params: str, strategy: str = "momentum", cash: str | None = None) -> LoadedConfig:
    return validate_at_boot(document(strategy, data, params, cash), "backtest")


def bars(folder: Path) -> Path:
    return write_bars(folder / "binance_spot_BTCUSDT_1m_2023-02.parquet")


def test_scales_interval_and_symbol_are_read_off_the_file(tmp_path: Path) -> None:
    (source,) = made(bars(tmp_path)).sources()
    assert (source.symbol, source.base, source.quote, source.kind) == ("BTCUSDT", "BTC", "USDT", "spot")
    assert (source.price_scale, source.qty_scale, source.tick, source.lot) == (0, 3, 1, 1)
    assert source.interval_ns == 60 * 10**9
    assert source.bars == bars(tmp_path).resolve()


def test_scales_are_those_of_the_finest_number_wherever_it_stands(tmp_path: Path) -> None:
    prices = [*([20_000_00] * 10_001), 20_000_01]
    (source,) = made(write_bars(tmp_path / "BTCUSDT.parquet", prices)).sources()
    assert source.price_scale == 2


def test_parameters_are_those_of_the_command_line_and_the_schema(tmp_path: Path) -> None:
    (setup,) = made(bars(tmp_path), "fast=5", "qty = 0.25").strategies
    assert setup.settings == {"fast": 5, "slow": 50, "qty": Decimal("0.25")}
    assert setup.cash == 100_000 * 10**8


def test_a_position_that_nobody_named_is_half_of_the_cash(tmp_path: Path) -> None:
    (setup,) = made(bars(tmp_path), cash="1000").strategies
    assert setup.settings["qty"] == Decimal("0.025")  # 500 / 20,000


@pytest.mark.parametrize(
    ("cash", "price", "qty"),
    [
        ("100000", "21782.37", "2.29"),
        ("100000", "0.9812", "50900"),
        ("1", "21782.37", "0.001"),
        ("100000", "0", "0.001"),
    ],
)
def test_a_position_has_three_digits_and_at_least_a_lot(cash: str, price: str, qty: str) -> None:
    traits = Traits("BTCUSDT", 2, 3, "1m", Decimal(price))
    assert position(Decimal(cash), traits) == Decimal(qty)


def test_the_origin_of_each_value_is_told(tmp_path: Path) -> None:
    data = bars(tmp_path)
    lines = made(data, "fast=5").resolved_toml().splitlines()
    assert "fast = 5  # --param fast=5" in lines
    assert "slow = 50  # default" in lines
    assert f"qty_scale = 3  # inferred from {data}" in lines
    assert 'kind = "spot"  # assumed' in lines


def test_a_bad_parameter_names_its_option(tmp_path: Path) -> None:
    with pytest.raises(OperatorFaults) as caught:
        made(bars(tmp_path), "fats=5")
    assert str(caught.value) == "--param fats=5: strategies[0].params.fats: unknown key (did you mean fast?)"


def test_an_unknown_strategy_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(OperatorFaults, match=r"--strategy momentun: .*did you mean momentum"):
        made(bars(tmp_path), strategy="momentun")


@pytest.mark.parametrize("param", ["fast", "=5"])
def test_a_parameter_without_a_value_is_a_usage_error(tmp_path: Path, param: str) -> None:
    with pytest.raises(OperatorFault, match="not of the form") as caught:
        document("momentum", bars(tmp_path), [param])
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("cash", ["0", "-1", "nan", "inf", "much"])
def test_cash_that_is_no_amount_is_a_usage_error(tmp_path: Path, cash: str) -> None:
    with pytest.raises(OperatorFault, match="not an amount") as caught:
        document("momentum", bars(tmp_path), cash=cash)
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_file_of_one_bar_has_no_interval(tmp_path: Path) -> None:
    data = write_bars(tmp_path / "x.parquet", closes()[:1])
    with pytest.raises(OperatorFault, match="bar length is unknown") as caught:
        document("momentum", data)
    assert caught.value.exit_code is ExitCode.DATA


def test_a_missing_file_is_refused_as_data(tmp_path: Path) -> None:
    with pytest.raises(OperatorFaults, match="does not exist") as caught:
        document("momentum", tmp_path / "none.parquet")
    assert caught.value.exit_code is ExitCode.DATA


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("binance_spot_BTCUSDT_1m_2023-02.parquet", "BTCUSDT"),
        ("ETHUSDT.parquet", "ETHUSDT"),
        ("bars_1000000.parquet", "ASSET-USD"),
        ("1000SHIBUSDT-1m.parquet", "1000SHIBUSDT"),
    ],
)
def test_the_symbol_is_the_first_word_in_capitals(name: str, symbol: str) -> None:
    assert symbol_of(Path(name)) == symbol


@pytest.mark.parametrize(
    ("symbol", "parts"),
    [
        ("BTCUSDT", ("BTC", "USDT")),
        ("BTC/USDC", ("BTC", "USDC")),
        ("ETHBTC", ("ETH", "BTC")),
        ("ASSET-USD", ("ASSET", "USD")),
        ("USDCUSDT", ("USDC", "USDT")),
        ("XYZ", ("XYZ", "USD")),
        ("USDT", ("USDT", "USD")),
    ],
)
def test_a_symbol_is_split_at_a_known_quote(symbol: str, parts: tuple[str, str]) -> None:
    assert split_symbol(symbol) == parts


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (60 * 10**9, "1m"),
        (90 * 10**9, "90s"),
        (8 * 3_600 * 10**9, "8h"),
        (86_400 * 10**9, "1d"),
        (5 * 10**8, None),
    ],
)
def test_a_bar_length_is_written_in_its_largest_unit(ns: int, text: str | None) -> None:
    assert interval_text(ns) == text
