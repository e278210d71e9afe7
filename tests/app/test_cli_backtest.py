import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.app.cli_kit import Said, shape, veracity
from tests.app.small_run import BARS, CONFIG, closes, write_bars, write_config

from veracity.app.cli.output import amount, coloured, percent
from veracity.app.cli.progress import HEARTBEAT_S, Heartbeat
from veracity.app.cli.summary_table import Line, lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("small")


@pytest.fixture(scope="module")
def ran(folder: Path) -> Said:
    """One real backtest, for people."""
    return veracity("backtest", "-c", write_config(folder), "--run-dir", folder / "runs")


@pytest.fixture(scope="module")
def run_dir(folder: Path, ran: Said) -> Path:
    assert ran.code == 0, ran.err
    return (folder / "runs" / "latest").resolve()


def test_a_backtest_ends_with_a_table_the_state_hash_and_where_everything_is(
    ran: Said, run_dir: Path
) -> None:
    summary = json.loads((run_dir / "summary.json").read_text(encoding="utf-8"))
    rows = ran.out.splitlines()
    assert any(row.split()[:1] == ["sma"] for row in rows)
    assert f"state hash  {summary['state_hash']}" in rows
    assert f"report      {run_dir}/report/index.html" in rows
    assert (run_dir / "report" / "index.html").is_file()
    assert f"veracity replay {run_dir}" in ran.err
    assert f"{BARS} bars" in ran.err


def test_a_backtest_says_how_far_it_may_be_believed_after_all_that_was_tried_and_why(
    tmp_path: Path,
) -> None:
    config, runs = write_config(tmp_path), tmp_path / "runs"
    first = veracity("backtest", "-c", config, "--run-dir", runs)
    assert "verdict     sma: unknown, after 1 trial on this data" in first.out
    assert " round trips were made: fewer than 30 cannot be judged." in first.err
    assert " The returns cover 0.2 days: fewer than 90 say nothing about a year." in first.err
    second = veracity("backtest", "-c", config, "--run-dir", runs, "--set", "strategies.sma.params.fast=6")
    assert "verdict     sma: untrustworthy, after 2 trials on this data" in second.out
    assert "  2 trials were made on 0.00 years of data." in second.err


def test_a_run_of_one_bar_says_that_there_is_nothing_to_judge(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    write_bars(tmp_path / "BTCUSDT_1m.parquet", closes()[:1])
    said = veracity("backtest", "-c", config, "--run-dir", tmp_path / "runs")
    assert said.code == 0
    assert "verdict     none: fewer than two bars were closed" in said.out


def test_quiet_leaves_the_data_and_nothing_else(folder: Path, run_dir: Path) -> None:
    said = veracity("-q", "run", "show", run_dir)
    assert said.code == 0
    assert said.err == ""
    assert f"run         {run_dir}" in said.out


@pytest.mark.parametrize(
    ("words", "environment", "is_coloured"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        (["--no-color"], {"FORCE_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    run_dir: Path, words: list[str], environment: dict[str, str], is_coloured: bool
) -> None:
    said = veracity("run", "show", run_dir, *words, env={"TERM": "xterm-256color", **environment})
    sign = "▲" if "▲" in said.out else "▼"
    assert sign in said.out
    assert bool(re.search(r"\x1b\[3[0-8]", said.out)) is is_coloured


def test_the_document_of_a_backtest_has_its_shape(folder: Path, run_dir: Path) -> None:
    said = veracity("backtest", "-c", folder / "small.toml", "--run-dir", folder / "runs", "--json", "-q")
    assert (said.code, said.err) == (0, "")
    document = said.document
    assert shape({key: value for key, value in document.items() if key != "summary"}) == {
        "schema": "str",
        "run_id": "str",
        "run_dir": "str",
        "report": "str",
        "state_hash": "str",
        "seconds": "float",
    }
    assert document["schema"] == "veracity.backtest/1"
    assert document["summary"] == json.loads(
        (Path(document["run_dir"]) / "summary.json").read_text(encoding="utf-8")
    )


def test_the_same_config_twice_gives_the_same_state_in_two_directories(folder: Path, run_dir: Path) -> None:
    runs = veracity("run", "list", "--run-dir", folder / "runs", "--json").document["runs"]
    assert len({run["name"] for run in runs}) == len(runs) >= 1
    hashes = {
        veracity("run", "show", run["path"], "--json").document["summary"]["state_hash"] for run in runs
    }
    assert len(hashes) == 1
    assert len({run["run_id"] for run in runs}) == 1


def test_the_list_of_runs_has_its_shape(folder: Path, run_dir: Path) -> None:
    document = veracity("run", "list", "--run-dir", folder / "runs", "--json").document
    assert shape(document) == {
        "schema": "str",
        "run_dir": "str",
        "runs": [
            {
                "name": "str",
                "path": "str",
                "run_id": "str",
                "mode": "str",
                "created": "str",
                "label": "str",
                "state": "str",
                "writer": "NoneType",
                "report": "str",
            }
        ],
    }
    assert (document["runs"][0]["label"], document["runs"][0]["state"]) == ("small", "sealed")
    said = veracity("run", "list", "--run-dir", folder / "runs")
    assert run_dir.name in said.out
    assert "sealed" in said.out


def test_a_run_is_shown_by_its_id(folder: Path, run_dir: Path) -> None:
    run_id = json.loads((run_dir / "manifest.json").read_text(encoding="utf-8"))["run_id"]
    document = veracity("run", "show", run_id[:8], "--run-dir", folder / "runs", "--json").document
    assert (document["schema"], document["run_id"]) == ("veracity.run/1", run_id)
    assert document["summary"]["strategies"][0]["strategy_id"] == "sma"


def test_a_run_without_a_summary_is_shown_as_far_as_it_came(tmp_path: Path) -> None:
    (tmp_path / "r" / "wal").mkdir(parents=True)
    said = veracity("run", "show", tmp_path / "r")
    assert said.code == 0
    assert "run id      unknown  (crashed)" in said.out
    assert "no summary" in said.err
    told = veracity("run", "show", tmp_path / "r", "--json").document
    assert (told["summary"], told["run_id"], told["mode"]) == (None, None, None)


def test_no_runs_say_how_to_make_one(tmp_path: Path) -> None:
    said = veracity("run", "list", "--run-dir", tmp_path)
    assert (said.code, said.out) == (0, "")
    assert "veracity backtest" in said.err


# ---------------------------------------------------------------- replay


@pytest.mark.parametrize("words", [[], ["--rerun"]])
def test_replay_agrees_with_the_run(run_dir: Path, words: list[str]) -> None:
    said = veracity("replay", run_dir, *words)
    assert said.code == 0, said.err
    assert said.out.splitlines()[-1] == "same"
    assert f"{BARS} market facts" in said.out


def test_the_document_of_a_replay_has_its_shape(run_dir: Path) -> None:
    document = veracity("replay", run_dir, "--rerun", "--json").document
    assert shape(document) == {
        "schema": "str",
        "run_id": "str",
        "run_dir": "str",
        "state_hash": "str",
        "state_hash_expected": "str",
        "events": "int",
        "facts": "int",
        "rerun": "bool",
        "first_difference": "NoneType",
        "same": "bool",
    }
    assert (document["schema"], document["same"], document["facts"]) == ("veracity.replay/1", True, BARS)


@pytest.mark.parametrize(
    ("outcome", "last"),
    [
        ({"state_hash_expected": "b"}, "DIFFERENT"),
        (
            {"state_hash_expected": None},
            "NOT ENDED: what was journaled folds, but there is no hash to compare it with",
        ),
        ({"first_difference": "seq 7 is another one"}, "DIFFERENT"),
        ({}, "same"),
    ],
)
def test_a_replay_that_differs_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, run_dir: Path, outcome: dict[str, Any], last: str
) -> None:
    from veracity.app.replay import ReplayOutcome

    values = {
        "state_hash_expected": "a",
        "state_hash_found": "a",
        "events": 1,
        "facts": 1,
        "first_difference": None,
    }
    monkeypatch.setattr("veracity.app.replay.replay_run", lambda *_, **__: ReplayOutcome(**values | outcome))
    said = veracity("replay", run_dir, "--rerun")
    assert said.code == (0 if last == "same" else 5)
    assert said.out.splitlines()[-1] == last


def test_replaying_what_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    said = veracity("replay", "latest", "--run-dir", tmp_path)
    assert said.code == 2
    assert "there are no runs" in said.err


# ---------------------------------------------------------------- refusals write nothing


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "runs"
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('strategy = "momentum"', 'strategy = "momentun"', 3),
        ("fast = 5", "fast = 20", 3),
        ("bars = ", "bar = ", 3),
        ("BTCUSDT_1m", "none", 3),
        ('interval = "1m"', 'interval = "5m"', 4),
        ("price_scale = 2\nqty_scale = 3", "price_scale = 2\nqty_scale = 2", 3),
        ('interval = "1m"', 'interval = "1m"\nstart = 2024-01-01', 4),
    ],
)
def test_a_refused_backtest_makes_nothing(tmp_path: Path, runs: Path, old: str, new: str, code: int) -> None:
    path = write_config(tmp_path, CONFIG.replace(old, new))
    said = veracity("backtest", "-c", path, "--run-dir", runs)
    assert said.code == code, said.err
    assert said.err.startswith("error: ")


def test_data_that_is_wrong_is_refused_with_every_reason(tmp_path: Path, runs: Path) -> None:
    path = write_config(tmp_path)
    prices = closes()
    prices[10], prices[20] = 0, -5
    write_bars(tmp_path / "BTCUSDT_1m.parquet", prices)
    said = veracity("backtest", "-c", path, "--run-dir", runs, "--json")
    assert said.code == 4
    assert len(said.document["errors"]) >= 2


def test_a_place_that_is_no_directory_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    said = veracity("backtest", "-c", write_config(tmp_path), "--run-dir", tmp_path / "runs")
    assert said.code == 2
    assert (tmp_path / "runs").read_bytes() == b""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "say what to run: -c FILE, or --strategy NAME --data FILE"),
        (["--strategy", "momentum"], "say what to run"),
        (["-c", "x.toml", "--strategy", "momentum"], "--config says it all"),
        (["-c", "x.toml", "--cash", "1"], "--config says it all"),
    ],
)
def test_words_that_contradict_each_other_are_a_usage_error(
    runs: Path, words: list[str], message: str
) -> None:
    said = veracity("backtest", *words, "--run-dir", runs)
    assert said.code == 2
    assert message in said.err


def test_a_missing_config_is_code_3(tmp_path: Path, runs: Path) -> None:
    said = veracity("backtest", "-c", tmp_path / "none.toml", "--run-dir", runs)
    assert said.code == 3
    assert f"error: {tmp_path}/none.toml: there is no such config file" in said.err


def test_a_missing_data_file_is_code_4(tmp_path: Path, runs: Path) -> None:
    said = veracity(
        "backtest", "--strategy", "momentum", "--data", tmp_path / "none.parquet", "--run-dir", runs
    )
    assert said.code == 4
    assert "does not exist" in said.err


# ---------------------------------------------------------------- the shortcut, and --open


def test_a_strategy_and_a_file_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("veracity.app.cli.backtest.webbrowser.open", opened.append)
    data = write_bars(tmp_path / "BTCUSDT_1m.parquet")
    words = ["backtest", "--strategy", "momentum", "--data", data, "--param", "fast=5", "--param", "slow=20"]
    said = veracity(*words, "--set", "report.baselines=false", "--run-dir", tmp_path / "runs", "--open", "-q")
    assert said.code == 0, said.err
    run = (tmp_path / "runs" / "latest").resolve()
    assert opened == [(run / "report" / "index.html").as_uri()]
    assert "fast = 5  # --param fast=5" in (run / "config.resolved.toml").read_text(encoding="utf-8")
    assert veracity("replay", run, "-q").code == 0


# ---------------------------------------------------------------- the parts of the table


def test_the_table_has_the_strategies_their_total_and_the_baselines_that_ran() -> None:
    money = {"units": 1, "text": "1.50000000"}
    half = {"value": 0.5, "reason": None}
    account = {
        "pnl": {"net": money, "fees": money, "funding": money},
        "ratios": {"total_return": half},
        "drawdown": {"max_drawdown": {"value": None, "reason": "none"}},
        "trades": {"closed": 2, "open": 1},
    }
    baseline = {
        "name": "buy_and_hold",
        "equity_end": money,
        "net": money,
        "fees": money,
        "funding": None,
        "total_return": half,
        "max_drawdown": half,
        "trades": 1,
    }
    summary = {
        "strategies": [{"strategy_id": "a", **account}, {"strategy_id": "b", **account}],
        "total": account,
        "baselines": [baseline, {**baseline, "name": "carry", "equity_end": None}],
    }
    assert list(lines(summary)) == [
        Line("a", "1.50000000", 0.5, None, 3, "1.50000000", "1.50000000"),
        Line("b", "1.50000000", 0.5, None, 3, "1.50000000", "1.50000000"),
        Line("TOTAL", "1.50000000", 0.5, None, None, "1.50000000", "1.50000000"),
        Line("(buy_and_hold)", "1.50000000", 0.5, 0.5, 1, "1.50000000", None),
    ]
    alone = {**summary, "strategies": summary["strategies"][:1], "baselines": None}
    assert [line.name for line in lines(alone)] == ["a"]


def test_amounts_have_two_decimals_and_a_sign_that_needs_no_colour() -> None:
    assert amount("1234.56700000") == "1,234.57"
    assert amount(None) == "-"
    assert amount("0.00000000", is_signed=True) == "+0.00"
    assert "▲ +2.00" in amount("2", is_signed=True)
    assert "▼ -2.00" in amount("-2", is_signed=True)
    assert coloured(Decimal(0), "x") == "x"
    assert (percent(0.5), percent(-0.0123, is_signed=True), percent(None)) == ("50.00", "-1.23", "-")


# ---------------------------------------------------------------- progress


def test_the_heartbeat_is_one_line_in_ten_seconds_with_the_time_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = iter([0.0, 1.0, HEARTBEAT_S - 0.001, HEARTBEAT_S, 11.0, 20.0, 40.0])
    beat = Heartbeat("backtest", lambda: next(now))
    for done in (1, 2, 250, 260, 500, 1_000):
        beat(done, 1_000)
    assert capsys.readouterr().err.splitlines() == [
        "backtest: 25 % (250 of 1000), about 30 s left",
        "backtest: 50 % (500 of 1000), about 20 s left",
        "backtest: 100 % (1000 of 1000), about 0 s left",
    ]


def test_nothing_done_is_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    now = iter([0.0, 100.0])
    Heartbeat("backtest", lambda: next(now))(0, 1_000)
    assert capsys.readouterr().err == ""
