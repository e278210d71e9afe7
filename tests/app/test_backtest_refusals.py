"""What users do wrong: each has its exit code and its words, and leaves nothing behind."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import HOLD, TREND, config_text, snapshot_of, waves, write_config, write_market

NAN = float("nan")


class Wrong(NamedTuple):
    """One mistake: what is done to the folder of a good config, the exit code, and words that the answer has."""

    name: str
    make: Callable[[Path], None]
    code: int
    words: tuple[str, ...]


def cells(**changes: tuple[int, Any]) -> Callable[[Path], None]:
    """Change one cell of each named column; the file keeps its numbers as float64."""

    def change(folder: Path) -> None:
        table = pq.read_table(folder / "bars.parquet")
        columns = {}
        for name in table.column_names:
            values = table[name].to_pylist() if name != "ts" else table[name].cast(pa.int64()).to_pylist()
            if name in changes:
                row, value = changes[name]
                values[row] = value
            kind = pa.timestamp("ns", "UTC") if name == "ts" else pa.float64()
            columns[name] = pa.array(
                [float(value) if isinstance(value, Decimal) else value for value in values], kind
            )
        pq.write_table(pa.table(columns), folder / "bars.parquet")

    return change


def table(edit: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    """Edit the whole table of bars."""

    def change(folder: Path) -> None:
        pq.write_table(edit(pq.read_table(folder / "bars.parquet")), folder / "bars.parquet")

    return change


def text(old: str, new: str) -> Callable[[Path], None]:
    """Edit the config."""

    def change(folder: Path) -> None:
        path = folder / "run.toml"
        before = path.read_text(encoding="utf-8")
        assert before.count(old) == 1, old
        path.write_text(before.replace(old, new), encoding="utf-8")

    return change


def both(*changes: Callable[[Path], None]) -> Callable[[Path], None]:
    """Several mistakes at once."""

    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


def gone(name: str) -> Callable[[Path], None]:
    """The file is not there."""
    return lambda folder: (folder / name).unlink()


def not_parquet(folder: Path) -> None:
    (folder / "bars.parquet").write_bytes(b"ts,open\n1,2\n")


def cut_off(folder: Path) -> None:
    content = (folder / "bars.parquet").read_bytes()
    (folder / "bars.parquet").write_bytes(content[: len(content) // 2])


def directory(folder: Path) -> None:
    (folder / "bars.parquet").unlink()
    (folder / "bars.parquet").mkdir()


def empty(folder: Path) -> None:
    write_market(folder / "bars.parquet", [100_00])
    table(lambda one: one.slice(0, 0))(folder)


WRONG = (
    Wrong("no config", gone("run.toml"), 3, ("there is no such config file",)),
    Wrong("no TOML", text("[run]", "[run"), 3, ("run.toml:1",)),
    Wrong("no data file", gone("bars.parquet"), 3, ("bars.parquet", "run.toml:")),
    Wrong("data file is a directory", directory, 3, ("bars.parquet", "run.toml:")),
    Wrong("data file is something else", not_parquet, 4, ("bars.parquet",)),
    Wrong("data file is cut off", cut_off, 4, ("bars.parquet",)),
    Wrong("no rows", empty, 4, ("bars.parquet",)),
    Wrong("no close", table(lambda one: one.drop_columns(["close"])), 4, ("column close is missing",)),
    Wrong("NaN", cells(close=(5, NAN)), 4, ("close is nan", "row 6", "2023-02-01T00:05:00Z")),
    Wrong("no value", cells(high=(5, None)), 4, ("high is empty", "row 6")),
    Wrong("negative price", cells(low=(3, -1.0)), 4, ("low -1.00 is below zero", "row 4")),
    Wrong("price of zero", cells(open=(3, 0.0)), 4, ("open 0.00 is zero", "row 4")),
    Wrong("high below low", both(cells(high=(7, 29_000.0)), cells(low=(7, 30_500.0))), 4, ("row 8", "high")),
    Wrong("off the tick", cells(close=(2, 30_015.005)), 4, ("row 3", "close")),
    Wrong(
        "stamp twice",
        table(lambda one: pa.concat_tables([one.slice(0, 9), one.slice(8)])),
        4,
        ("2023-02-01T00:08:00Z",),
    ),
    Wrong(
        "stamps backwards",
        table(lambda one: one.take(list(range(50, 120)) + list(range(50)))),
        4,
        ("2023-02-01T00:00:00Z",),
    ),
    Wrong(
        "rows missing",
        table(lambda one: pa.concat_tables([one.slice(0, 9), one.slice(12)])),
        4,
        ("3 bars are missing",),
    ),
    Wrong(
        "unknown strategy",
        text('"momentum"', '"momentun"'),
        3,
        ("unknown strategy", "did you mean momentum?", "run.toml:"),
    ),
    Wrong("unknown key", text("slow = 8", "slwo = 8"), 3, ("slwo", "did you mean slow?", "run.toml:")),
    Wrong("wrong type", text("fast = 3", 'fast = "3"'), 3, ("fast", "run.toml:")),
    Wrong("rule between keys", text("fast = 3", "fast = 8"), 3, ("fast", "slow", "run.toml:")),
    Wrong("same id twice", text('id = "hold"', 'id = "trend"'), 3, ("trend", "run.toml:")),
    Wrong(
        "unknown symbol",
        text(
            'legs = ["BTCUSDT"]\ncash = 100000\n[strategies.params]\nfast',
            'legs = ["ETHUSDT"]\ncash = 100000\n[strategies.params]\nfast',
        ),
        3,
        ("ETHUSDT", "run.toml:"),
    ),
    Wrong(
        "several",
        both(text("slow = 8", "slwo = 8"), text("qty = 0.1", "qty = -0.1")),
        3,
        ("slwo", "qty", "2 errors"),
    ),
)


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong.name.replace(" ", "_") for wrong in WRONG])
def test_a_mistake_has_its_code_and_its_words_and_leaves_nothing(tmp_path: Path, wrong: Wrong) -> None:
    config = write_config(tmp_path, TREND, HOLD)
    wrong.make(tmp_path)
    before = snapshot_of(tmp_path)
    said = veracity("backtest", "-c", config, "--run-dir", tmp_path / "runs")
    assert said.code == wrong.code, said.err
    for words in wrong.words:
        assert words in said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    assert snapshot_of(tmp_path) == before
    assert not (tmp_path / "runs").exists()


def test_the_good_config_of_these_mistakes_runs(tmp_path: Path) -> None:
    assert (
        veracity("backtest", "-c", write_config(tmp_path, TREND, HOLD), "--run-dir", tmp_path / "runs").code
        == 0
    )


@pytest.mark.parametrize("below", [".", "inside/deep"])
def test_a_file_in_place_of_the_run_directory_is_refused_and_stays(tmp_path: Path, below: str) -> None:
    """Root may write into any directory, so a file stands for one that cannot be used."""
    config = write_config(tmp_path, HOLD)
    (tmp_path / "runs").write_bytes(b"mine")
    before = snapshot_of(tmp_path)
    said = veracity("backtest", "-c", config, "--run-dir", tmp_path / "runs" / below)
    assert said.code == 2
    assert str(tmp_path / "runs") in said.err
    assert snapshot_of(tmp_path) == before


def test_every_finding_of_the_data_is_told_at_once(tmp_path: Path) -> None:
    config = write_config(tmp_path, HOLD)
    both(cells(close=(5, NAN)), cells(low=(30, -1.0)), cells(volume=(60, None)))(tmp_path)
    said = veracity("backtest", "-c", config, "--run-dir", tmp_path / "runs", "--json")
    assert (said.code, said.err) == (4, "")
    found = " ".join(one["what"] + one["why"] for one in said.document["errors"])
    assert [words in found for words in ("close is nan", "low -1.00 is below zero", "volume is empty")] == [
        True
    ] * 3


def test_a_run_that_is_there_is_never_touched(tmp_path: Path) -> None:
    config = write_config(tmp_path, HOLD)
    veracity("backtest", "-c", config, "--run-dir", tmp_path / "runs", "-q")
    before = {
        name: content for name, content in snapshot_of(tmp_path / "runs").items() if "latest" not in name
    }
    config.write_text(config_text(TREND), encoding="utf-8")
    write_market(tmp_path / "bars.parquet", waves(90))
    assert veracity("backtest", "-c", config, "--run-dir", tmp_path / "runs", "-q").code == 0
    after = snapshot_of(tmp_path / "runs")
    assert {name: after[name] for name in before} == before
    assert len(after) > len(before)
