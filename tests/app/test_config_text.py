from decimal import Decimal
from pathlib import Path

import pytest
from tests.app.configs import GOOD, changed, only, told

from veracity.app.config_text import read_file, read_text, read_value
from veracity.domain.errors import ExitCode, OperatorFault


def test_numbers_are_read_as_exact_decimals() -> None:
    document = read_text("a = 0.1\nb = 1e-9\nc = 3\n", "x.toml", Path())
    assert document.values == {"a": Decimal("0.1"), "b": Decimal("0.000000001"), "c": 3}
    assert str(document.values["a"]) == "0.1"


def test_a_value_that_is_no_toml_is_told_with_line_and_key(tmp_path: Path) -> None:
    fault = only(tmp_path, changed("qty = 0.5", "qty = 0.5.1"))
    assert fault.startswith("run.toml:20: strategies[0].params.qty: is not TOML: ")


def test_a_broken_value_does_not_hide_the_other_mistakes(tmp_path: Path) -> None:
    text = changed('symbol = "BTCUSDT"', "symbol = BTCUSDT")
    faults = told(
        tmp_path, changed("cash = 100000", "cash = -1", changed("tick = 0.01", "tick = 0.01.0", text))
    )
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["run.toml:2", "instruments[0].symbol"],
        ["run.toml:8", "instruments[0].tick"],
        ["run.toml:16", "strategies[0].cash"],
    ]


def test_a_key_that_is_there_twice_is_told_at_its_second_line(tmp_path: Path) -> None:
    fault = only(tmp_path, changed("fast = 10", "fast = 10\nfast = 20"))
    assert fault.startswith("run.toml:19: not TOML: Cannot overwrite a value")


def test_a_table_that_is_there_twice_ends_the_reading(tmp_path: Path) -> None:
    fault = only(tmp_path, "[run]\n[run]\n" + GOOD)
    assert fault.startswith("run.toml:2: not TOML: Cannot declare ('run',) twice")


def test_an_open_list_is_one_fault_and_not_one_for_each_later_line(tmp_path: Path) -> None:
    faults = told(tmp_path, changed('legs = ["BTCUSDT"]', 'legs = ["BTCUSDT"'))
    assert len(faults) == 1
    assert "Unclosed array" in faults[0]


def test_a_file_that_is_no_config_at_all_is_given_up_after_a_hundred_faults(tmp_path: Path) -> None:
    faults = told(tmp_path, "\n".join(f"key{number} = some words" for number in range(300)))
    assert len(faults) == 101


def test_an_open_text_is_one_fault(tmp_path: Path) -> None:
    assert only(tmp_path, changed('base = "BTC"', 'base = "BTC')).startswith(
        "run.toml:4: instruments[0].base: is not"
    )


def test_an_open_text_block_names_the_end_of_the_file(tmp_path: Path) -> None:
    assert "not TOML: " in only(tmp_path, changed('base = "BTC"', 'base = """BTC'))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(OperatorFault, match="there is no such config file") as caught:
        read_file(tmp_path / "none.toml")
    assert caught.value.exit_code is ExitCode.CONFIG
    assert caught.value.where == str(tmp_path / "none.toml")


def test_a_directory_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(OperatorFault, match="cannot be read"):
        read_file(tmp_path)


def test_a_file_that_is_not_utf_8_says_so(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'label = "\xe9"')
    with pytest.raises(OperatorFault, match="not UTF-8"):
        read_file(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("0.10", Decimal("0.10")),
        ("true", True),
        ('"10"', "10"),
        ("momentum", "momentum"),
        ("", ""),
    ],
)
def test_a_value_of_the_command_line_is_toml_or_else_text(text: str, value: object) -> None:
    assert read_value(text) == value
    assert type(read_value(text)) is type(value)
