from pathlib import Path

import pytest
from tests.app.configs import GOOD, INSTRUMENT, STRATEGY, changed, loaded, only, told, write

from veracity.app.config import load
from veracity.domain.errors import ExitCode, OperatorFault


def test_the_config_hash_does_not_see_order_comments_or_written_defaults(tmp_path: Path) -> None:
    base = loaded(tmp_path, GOOD).config_hash
    assert len(base) == 64
    lines = INSTRUMENT.splitlines()
    reordered = "\n".join([lines[0], *reversed(lines[1:])]) + "\n"
    assert loaded(tmp_path, reordered + STRATEGY).config_hash == base
    assert loaded(tmp_path, "# a comment\n" + GOOD).config_hash == base
    assert loaded(tmp_path, "[costs]\nfee_taker = 1e-3\n" + GOOD).config_hash == base
    assert loaded(tmp_path, changed("qty = 0.5", "qty = 0.500")).config_hash == base
    assert loaded(tmp_path, changed("cash = 100000", "cash = 100_000.00")).config_hash == base


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cash = 100000", "cash = 100000.00000001"),
        ("slow = 50", "slow = 51"),
        ('id = "sma"', 'id = "smb"'),
        ('interval = "1m"', 'interval = "5m"'),
        ('interval = "1m"', 'interval = "1m"\nend = 2024-01-01'),
        ("[[strategies]]", "[costs]\nfee_taker = 0.0011\n[[strategies]]"),
    ],
)
def test_the_config_hash_sees_every_value(tmp_path: Path, old: str, new: str) -> None:
    assert loaded(tmp_path, changed(old, new)).config_hash != loaded(tmp_path, GOOD).config_hash


def test_the_config_hash_is_the_same_in_another_directory_and_under_another_file_name(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (two / "bars2.parquet").touch()
    first = load(write(one, GOOD, "a.toml"))
    second = load(write(two, changed("bars.parquet", "bars2.parquet"), "b.toml"))
    assert first.config_hash == second.config_hash


def test_two_names_for_one_moment_are_one_config(tmp_path: Path) -> None:
    at = 'interval = "1m"'
    dates = ["2023-02-14", "2023-02-14T00:00:00Z", '"2023-02-14T01:00:00+01:00"']
    assert len({loaded(tmp_path, changed(at, f"{at}\nstart = {date}")).config_hash for date in dates}) == 1


# ---------------------------------------------------------------- resolved config


def test_the_resolved_config_names_the_origin_of_each_value(tmp_path: Path) -> None:
    path = write(tmp_path, changed("fast = 10\n", ""))
    text = load(path, ["costs.fee_taker=0.0005"]).resolved_toml().splitlines()
    assert f'symbol = "BTCUSDT"  # {path}:2' in text
    assert "fee_taker = 0.0005  # --set costs.fee_taker=0.0005" in text
    assert "fee_maker = 0.001  # default" in text
    assert "fast = 10  # default" in text
    assert f"slow = 50  # {path}:18" in text


def test_the_resolved_config_loads_as_the_same_config_from_anywhere(tmp_path: Path) -> None:
    risk = "[strategies.risk]\ndaily_loss = 0.02\nmax_position = { BTCUSDT = 0.5 }\ncooldown_s = 60\n"
    first = loaded(tmp_path, GOOD + risk)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "config.resolved.toml").write_text(first.resolved_toml(), encoding="utf-8")
    second = load(elsewhere / "config.resolved.toml")
    assert second.config_hash == first.config_hash
    assert second.sources() == first.sources()
    assert second.bound_strategies() == first.bound_strategies()


def test_an_override_cannot_break_out_of_its_comment(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD), ['run.label="x"\n'])
    assert 'label = "x"  # --set run.label="x"?' in config.resolved_toml().splitlines()


# ---------------------------------------------------------------- overrides


@pytest.mark.parametrize(
    "override",
    ["strategies.sma.params.fast=7", "strategies.0.params.fast=7", "strategies[0].params.fast = 7"],
)
def test_an_override_finds_a_strategy_by_id_or_number(tmp_path: Path, override: str) -> None:
    assert loaded(tmp_path, GOOD, override).bound_strategies()[0].params.fast == 7


def test_an_override_can_add_a_table_and_the_last_one_wins(tmp_path: Path) -> None:
    config = loaded(tmp_path, GOOD, "run.seed=2", "run.seed=3", "instruments.BTCUSDT.notional_min=5")
    assert config.run.seed == 3
    assert config.sources()[0].notional_min == 500_000_000


def test_an_override_changes_the_config_hash_as_the_file_would(tmp_path: Path) -> None:
    written = loaded(tmp_path, changed("slow = 50", "slow = 60")).config_hash
    assert loaded(tmp_path, GOOD, "strategies.sma.params.slow=60").config_hash == written


def test_a_fault_of_an_override_names_the_override(tmp_path: Path) -> None:
    fault = only(tmp_path, GOOD, "strategies.sma.params.slwo=60")
    assert (
        fault
        == "--set strategies.sma.params.slwo=60: strategies[0].params.slwo: unknown key (did you mean slow?)"
    )


@pytest.mark.parametrize(
    ("override", "why"),
    [
        ("run.seed", "it is not of the form key=value"),
        ("=1", "it is not of the form key=value"),
        ("strategies.smb.cash=1", "there is no smb"),
        ("strategies.7=1", "there is no 7"),
        ("run.label.x=1", "label is a value"),
    ],
)
def test_an_override_that_names_nothing_is_a_usage_error(tmp_path: Path, override: str, why: str) -> None:
    with pytest.raises(OperatorFault, match="cannot be set") as caught:
        load(write(tmp_path, '[run]\nlabel = "x"\n' + GOOD), [override])
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.why.startswith(why)


def test_a_repaired_value_is_not_broken_any_more(tmp_path: Path) -> None:
    faults = told(tmp_path, changed("qty = 0.5", "qty = 0.5.1"), "strategies.sma.params.qty=-1")
    assert len(faults) == 2
    assert faults[0].startswith(
        "--set strategies.sma.params.qty=-1: strategies[0].params.qty: must be above 0"
    )
