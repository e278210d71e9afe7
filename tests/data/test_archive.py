"""`veracity data convert`: what an exchange publishes becomes what a run reads, digit by digit, and comes back the same."""

import gzip
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import Said, veracity

from veracity.data.columns import BARS
from veracity.data.findings import Report
from veracity.data.series import Scales, read_raw, to_series

SAMPLE = Path(__file__).parents[2] / "data/sample/binance_spot_USDCUSDT_1m_2023-03.parquet"
HEAD = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore"
)
FIRST = "1678543200000,1.00000000,1.00000000,0.88200000,0.91210000,7424303.00000000,1678543259999,6743845.3,2153,2571107.0,2343854.7,0"
SECOND = "1678543260000,0.91230000,0.91700000,0.90980000,0.91360000,5718317.00000000,1678543319999,5226760.4,1503,1429305.0,1306027.9,0"


def archive(path: Path, *lines: str) -> Path:
    text = "\n".join([*lines, ""]).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def published(path: Path) -> Path:
    """The bundled bars as the exchange published them: twelve columns, eight decimals, milliseconds."""
    lines = [HEAD]
    for row in pq.read_table(SAMPLE).to_pylist():
        opened = int(row["ts"].timestamp() * 1000)
        numbers = ",".join(f"{row[name]:.8f}" for name in BARS.numbers)
        lines.append(f"{opened},{numbers},{opened + 59_999},1.5,7,0.5,0.25,0")
    return archive(path, *lines)


def convert(*words: object) -> Said:
    return veracity("data", "convert", "--json", *words)


@pytest.mark.ticket("T-348")
def test_the_archives_twelve_columns_become_the_six_of_a_bar(tmp_path: Path) -> None:
    out = tmp_path / "bars.parquet"
    said = convert(published(tmp_path / "klines.csv.gz"), out)
    assert said.code == 0
    assert said.document["rows"] == 13_560
    assert pq.read_schema(out).names == ["ts", "open", "high", "low", "close", "volume"]
    raw = read_raw(out, BARS, Report(out))
    assert raw is not None
    series = to_series(raw, Scales(4, 0), Report(out))
    assert series is not None
    assert len(series.ts) == 13_560
    assert [int(series.columns[name][0]) for name in BARS.numbers] == [
        10_000,
        10_000,
        8_820,
        9_121,
        7_424_303,
    ]
    assert int(series.ts[0]) == 1_678_543_200 * 10**9


@pytest.mark.ticket("T-348")
def test_back_to_text_and_again_to_parquet_gives_the_same_bytes(tmp_path: Path) -> None:
    first, text, again = tmp_path / "a.parquet", tmp_path / "a.csv", tmp_path / "b.parquet"
    for source, out in (
        (archive(tmp_path / "k.csv", HEAD, FIRST, SECOND), first),
        (first, text),
        (text, again),
    ):
        assert convert(source, out).code == 0
    assert text.read_text(encoding="utf-8").splitlines() == [
        "ts,open,high,low,close,volume",
        "2023-03-11T14:00:00Z,1.0000,1.0000,0.8820,0.9121,7424303",
        "2023-03-11T14:01:00Z,0.9123,0.9170,0.9098,0.9136,5718317",
    ]
    assert first.read_bytes() == again.read_bytes()


@pytest.mark.ticket("T-348")
def test_what_is_there_is_only_overwritten_by_force(tmp_path: Path) -> None:
    source, out = archive(tmp_path / "k.csv", HEAD, FIRST), tmp_path / "a.parquet"
    out.write_bytes(b"mine")
    assert convert(source, out).code == 7
    assert out.read_bytes() == b"mine"
    assert convert(source, out, "--force").code == 0
    assert pq.read_metadata(out).num_rows == 1


@pytest.mark.parametrize("stamp", ["1678543200000", "1678543200000000"])
def test_without_a_header_columns_go_by_their_place_and_a_stamp_by_its_digits(
    tmp_path: Path, stamp: str
) -> None:
    out = tmp_path / "a.parquet"
    lines = [
        stamp + FIRST[13:],
        str(int(stamp) + (60 if len(stamp) == 10 else 60_000 * 10 ** (len(stamp) - 13))) + SECOND[13:],
    ]
    assert convert(archive(tmp_path / "k.csv", *lines), out).code == 0
    rows = pq.read_table(out).to_pylist()
    opened = datetime(2023, 3, 11, 14, tzinfo=UTC)
    assert [row["ts"] for row in rows] == [opened, opened + timedelta(minutes=1)]
    assert rows[1]["volume"] == Decimal(5_718_317)


def test_what_a_run_would_refuse_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    bad = SECOND.replace("0.91700000", "not a price")
    said = convert(archive(tmp_path / "k.csv", HEAD, FIRST, bad), tmp_path / "a.parquet")
    assert said.code == 4
    assert said.document["errors"][0]["where"].endswith("row 2, line 3, 2023-03-11T14:01:00Z, column high")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["k.csv"]


def test_an_archive_that_lacks_a_column_is_refused_by_its_name(tmp_path: Path) -> None:
    source = archive(tmp_path / "k.csv", "open_time,open,high,low,volume", "1678543200000,1,1,1,1")
    said = convert(source, tmp_path / "a.parquet")
    assert (said.code, said.document["errors"][0]["what"]) == (
        4,
        "column close is missing, found open_time, open, high, low, volume",
    )
