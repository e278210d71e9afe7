"""`veracity data ingest`: files become one dataset with its manifest, the same bytes every time, or nothing at all."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import Said, veracity
from tests.data.files import MINUTE, START, bars, decimal_table, without, write, write_bars, write_csv
from tests.kit.process import PATIENCE_S
from tests.kit.schemas import SCHEMAS, refuse_undescribed

from veracity.data.manifest import FileEntry, write_manifest
from veracity.domain.time import NS_PER_HOUR, ts_text

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
USDC = SAMPLE / "binance_spot_USDCUSDT_1m_2023-03.parquet"
MANIFEST = json.loads((SCHEMAS / "dataset_manifest.schema.json").read_bytes())
HASH = json.loads((SCHEMAS / "common.schema.json").read_bytes())["$defs"]["Hash"]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "made"


def ingest(out: Path, *words: object) -> Said:
    return veracity("data", "ingest", "--out", out, "--json", *words)


def logged(out: Path) -> list[dict]:
    lines = [json.loads(line) for line in Path(f"{out}.log.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in lines:
        refuse_undescribed(line)
    return lines


def part(path: Path, first: int, count: int, **cells: str) -> Path:
    """`count` bars of a minute from the `first` minute on; `cells` are those of its last one."""
    columns = bars(count, {count: cells})
    columns["ts"] = [START + MINUTE * (first + row) for row in range(count)]
    return write_bars(path, columns)


# ---------------------------------------------------------------- the manifest (T-345)


@pytest.mark.ticket("T-345")
def test_a_dataset_has_a_manifest_that_says_what_its_file_holds_and_where_it_came_from(out: Path) -> None:
    said = ingest(out, USDC, "--symbol", "USDCUSDT", "--source", "o/r", "--licence", "MIT")
    assert said.code == 0
    text = json.loads(json.dumps(MANIFEST).replace("common.schema.json#/$defs/Hash", "#/$defs/Hash"))
    text["$defs"]["Hash"] = HASH
    written = json.loads((out / "manifest.json").read_bytes())
    jsonschema.Draft202012Validator(text).validate(written)
    (entry,) = written["files"]
    assert entry["sha256"] == hashlib.sha256((out / entry["file"]).read_bytes()).hexdigest()
    assert [(one["repository"], one["licence"]) for one in entry["origins"]] == [("o/r", "MIT")]
    (series,) = entry["series"]
    assert (series["symbol"], series["rows"], series["interval_ns"]) == ("USDCUSDT", 13_560, MINUTE)
    assert (series["first"], series["last"]) == ("2023-03-11T14:00:00Z", "2023-03-20T23:59:00Z")


PROGRAM = """
import os, signal, sys
from pathlib import Path
from veracity.app.ingest_run import ingest
from veracity.data.ingest import Wanted
Path.rename = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)
ingest(Wanted((Path(sys.argv[1]),)), Path(sys.argv[2]))
"""


@pytest.mark.ticket("T-345")
def test_a_kill_before_the_last_rename_leaves_no_dataset_and_the_next_ingest_makes_it(
    out: Path, tmp_path: Path
) -> None:
    source = part(tmp_path / "bars.parquet", 0, 5)
    died = subprocess.run([sys.executable, "-c", PROGRAM, source, out], check=False, timeout=PATIENCE_S)
    assert died.returncode == -signal.SIGKILL
    assert not (out / "manifest.json").exists()
    assert ingest(out, source).code == 0
    assert sorted(os.listdir(out)) == ["bars.parquet", "manifest.json"]


def test_a_manifest_is_written_once_and_lists_no_file_that_is_another(tmp_path: Path) -> None:
    path = part(tmp_path / "bars.parquet", 0, 5)
    entry = FileEntry(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), "bars", (), ())
    with pytest.raises(ValueError, match=r"bars\.parquet has sha256"):
        write_manifest(tmp_path, (FileEntry(path.name, "0" * 64, "bars", (), ()),))
    write_manifest(tmp_path, (entry,))
    with pytest.raises(FileExistsError):
        write_manifest(tmp_path, (entry,))


def test_a_directory_that_is_there_is_never_written_into(out: Path, tmp_path: Path) -> None:
    out.mkdir()
    said = ingest(out, part(tmp_path / "bars.parquet", 0, 5))
    assert (said.code, os.listdir(out)) == (7, [])
    assert said.document["errors"][0]["what"].startswith("there is something already")


# ---------------------------------------------------------------- the same bytes (T-346)


@pytest.mark.ticket("T-346")
@pytest.mark.parametrize("threads", [1, 4])
def test_two_files_in_either_order_and_on_another_day_give_the_same_bytes(
    tmp_path: Path, threads: int
) -> None:
    files = [part(tmp_path / "b.parquet", 0, 50), part(tmp_path / "a.parquet", 50, 50)]
    stored = []
    for number, order in enumerate((files, files[::-1])):
        made = tmp_path / f"made{number}"
        for path in files:
            os.utime(path, (number * 86_400, number * 86_400))
        assert ingest(made, *order, "--threads", threads).code == 0
        stored.append({path.name: path.read_bytes() for path in made.iterdir()})
    assert stored[0] == stored[1]
    assert sorted(stored[0]) == ["bars.parquet", "manifest.json"]
    stamps = pq.read_table(tmp_path / "made0/bars.parquet")["ts"].cast("int64").to_pylist()
    assert stamps == [START + MINUTE * minute for minute in range(100)]
    assert str(tmp_path) not in stored[0]["manifest.json"].decode()


# ---------------------------------------------------------------- rows that are there twice (T-358)


@pytest.mark.ticket("T-358")
def test_an_overlap_of_equal_rows_is_kept_once_where_that_is_asked_for(out: Path, tmp_path: Path) -> None:
    files = part(tmp_path / "a.parquet", 0, 100), part(tmp_path / "b.parquet", 90, 100)
    refused = ingest(out, *files)
    assert (refused.code, out.exists()) == (4, False)
    (series,) = ingest(out, *files, "--duplicates", "drop_identical").document["series"]
    assert (series["rows"], series["duplicates"], series["gaps"]) == (190, 10, 0)
    assert pq.read_metadata(out / "bars.parquet").num_rows == 190


@pytest.mark.ticket("T-358")
@pytest.mark.parametrize("turned", [False, True])
def test_an_overlap_that_disagrees_is_refused_and_names_both_files_rows_and_closes(
    out: Path, tmp_path: Path, turned: bool
) -> None:
    files = [part(tmp_path / "a.parquet", 0, 100, close="100.75"), part(tmp_path / "b.parquet", 90, 100)]
    said = ingest(out, *(files[::-1] if turned else files), "--duplicates", "drop_identical")
    assert (said.code, out.exists()) == (4, False)
    (error,) = said.document["errors"]
    words = error["what"]
    assert "row 100 of a.parquet" in words
    assert "row 10 of b.parquet" in words
    assert "100.75" in words
    assert "100.5" in words
    assert "duplicate_conflict" in error["hint"]


# ---------------------------------------------------------------- columns that are others (T-359)


@pytest.mark.ticket("T-359")
def test_other_columns_are_logged_with_the_files_hash_before_a_row_is_read(out: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("time,open,high,low,last,volume\nno,row,of,this,is,read\n", encoding="utf-8")
    said = ingest(out, path)
    assert (said.code, out.exists()) == (4, False)
    (line,) = logged(out)
    assert line == {
        "schema": "veracity.ingest_line/1",
        "kind": "schema_mismatch",
        "file": str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "missing": ["ts", "close"],
        "unexpected": ["time", "last"],
    }
    codes = [error["hint"].partition(":")[0] for error in said.document["errors"]]
    assert codes == ["missing_column", "missing_column", "unexpected_column", "unexpected_column"]


# ---------------------------------------------------------------- gaps (T-323)


def with_gaps(path: Path, symbol: str | None = None) -> Path:
    """Thirty hours without hour 3, hours 8 and 9, and hours 15 to 20."""
    columns = without(bars(30, step=NS_PER_HOUR), 4, 9, 10, *range(16, 22))
    if symbol is not None:
        columns["symbol"] = [symbol] * len(columns["ts"])
    return write(path, decimal_table(columns))


@pytest.mark.ticket("T-323")
def test_each_gap_is_a_record_in_time_order_and_refuses_nothing(out: Path, tmp_path: Path) -> None:
    assert ingest(out, with_gaps(tmp_path / "holes.parquet", "BTCUSDT"), "--interval", "1h").code == 0
    assert [(one["kind"], one["symbol"], one["first"], one["bars"]) for one in logged(out)] == [
        ("data_gap", "BTCUSDT", ts_text(START + hour * NS_PER_HOUR), count)
        for hour, count in ((3, 1), (8, 2), (15, 6))
    ]
    assert [one["declared"] for one in logged(out)] == [False, False, False]


@pytest.mark.ticket("T-323")
def test_a_gap_that_a_manifest_declares_is_told_all_the_same(out: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    assert ingest(first, with_gaps(tmp_path / "holes.parquet", "BTCUSDT")).code == 0
    assert ingest(again, first / "bars.parquet").code == 0
    assert [(one["bars"], one["declared"]) for one in logged(again)] == [(1, True), (2, True), (6, True)]


# ---------------------------------------------------------------- several files


def test_several_symbols_become_one_file_that_a_run_reads_by_name(out: Path, tmp_path: Path) -> None:
    files = []
    for name in ("ETHUSDT", "BTCUSDT"):
        columns = bars(20) | {"symbol": [name] * 20}
        files.append(write(tmp_path / f"{name}.parquet", decimal_table(columns)))
    series = ingest(out, *files).document["series"]
    assert [(one["symbol"], one["rows"]) for one in series] == [("BTCUSDT", 20), ("ETHUSDT", 20)]
    assert veracity("data", "check", out / "bars.parquet").code == 0


def test_a_file_that_names_nobody_does_not_join_those_that_do(out: Path, tmp_path: Path) -> None:
    named = write(tmp_path / "a.parquet", decimal_table(bars(20) | {"symbol": ["BTCUSDT"] * 20}))
    nameless = part(tmp_path / "b.parquet", 20, 20)
    said = ingest(out, named, nameless)
    assert (said.code, out.exists()) == (2, False)
    (series,) = ingest(out, named, nameless, "--symbol", "BTCUSDT").document["series"]
    assert (series["symbol"], series["rows"]) == ("BTCUSDT", 40)


def test_a_jump_between_two_files_is_found_where_neither_has_it(out: Path, tmp_path: Path) -> None:
    high = {row: dict.fromkeys(("open", "high", "low", "close"), "200.00") for row in range(1, 21)}
    columns = bars(20, high)
    columns["ts"] = [START + MINUTE * (20 + row) for row in range(20)]
    files = part(tmp_path / "a.parquet", 0, 20), write_bars(tmp_path / "b.parquet", columns)
    said = ingest(out, *files)
    assert (said.code, out.exists()) == (4, False)
    assert "where one file goes on behind another" in said.document["errors"][0]["what"]


def test_what_is_wrong_with_every_file_is_told_at_once(out: Path, tmp_path: Path) -> None:
    bad = write_csv(tmp_path / "a.csv", bars(5, {2: {"close": "NaN"}}))
    worse = write_csv(tmp_path / "b.csv", bars(5, {3: {"volume": "-1"}}))
    said = ingest(out, bad, worse, tmp_path / "none.parquet")
    assert said.code == 4
    codes = {error["hint"].partition(":")[0] for error in said.document["errors"]}
    assert codes == {"not_finite", "negative_volume", "missing_file"}
