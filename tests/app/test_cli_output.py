from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import CHECKOUT

from veracity.app.cli.output import command_line

SAMPLE = CHECKOUT / "data/sample/binance_spot_BTCUSDT_1m_2023-02.parquet"


def test_a_terminal_that_is_too_narrow_for_a_table_gets_a_line_for_each_cell() -> None:
    """A column that is cut would show another number."""
    said = veracity("data", "check", SAMPLE, "--no-color", env={"FORCE_COLOR": "1", "COLUMNS": "60"})
    assert "  last (UTC)   2023-02-28T23:59:00Z\n" in said.out
    assert "  zero volume  0\n" in said.out
    assert "\u2026" not in said.out


@pytest.mark.parametrize(("columns", "is_table"), [(120, True), (119, False)])
def test_a_table_is_drawn_where_it_just_fits(columns: int, is_table: bool) -> None:
    said = veracity("data", "check", SAMPLE, env={"FORCE_COLOR": "1", "COLUMNS": str(columns)})
    assert ("\u2500" * 20 in said.out) is is_table


def test_a_table_that_goes_to_a_file_is_as_wide_as_it_has_to_be() -> None:
    said = veracity("data", "check", SAMPLE, env={"COLUMNS": "20"})
    assert "-       2023-02-13T00:00:00Z  2023-02-28T23:59:00Z        1m " in said.out


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A search path with nothing in it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_a_command_to_copy_is_called_as_this_one_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [".venv/bin/veracity", "backtest"])
    assert command_line("replay", "my runs/one") == ".venv/bin/veracity replay 'my runs/one'"


def test_a_command_to_copy_is_the_name_alone_where_a_shell_finds_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [".venv/bin/veracity", "backtest"])
    (path / "veracity").touch(mode=0o755)
    assert command_line("replay", "runs/one") == "veracity replay runs/one"


def test_a_command_to_copy_names_no_other_program(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/somewhere/__main__.py"])
    assert command_line("run", "list") == "veracity run list"
