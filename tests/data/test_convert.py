"""The conversion of the bundled files: the same bytes every time, and only what may be given away."""

import gzip
import hashlib
import importlib.util
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SCRIPT = Path(__file__).parents[2] / "data" / "sample" / "convert.py"
HOUR = 3_600_000


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("sample_convert", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def collected(tmp_path):
    """Writes source files and the manifest that names them; returns their directory."""

    def write(licence="MIT", **files):
        entries = []
        for name, lines in files.items():
            path = tmp_path / name
            path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), mtime=0))
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            sources = [{"repo": "o/r", "path": f"data/{name}", "commit": "c" * 40}]
            entries.append({"file": name, "sha256": sha256, "licence": licence, "sources": sources})
        (tmp_path / "MANIFEST.json").write_text(json.dumps({"files": entries}))
        return tmp_path

    return write


KLINES = (
    "open_time,open,high,low,close,volume,close_time",
    "1678543200000,1.00000000,1.00000000,0.88200000,0.91210000,7424303.00000000,1678543259999",
    "1678543260000,0.91230000,0.91700000,0.90980000,0.91360000,5718317.00000000,1678543319999",
)
RATES = ("funding_time_ms,funding_rate", f"{8 * HOUR},0.0001", f"{16 * HOUR + 16},-9.95e-05")
MARKS = ("open_time_ms,open,high,low,close", f"{8 * HOUR},100.5,1,1,1", f"{16 * HOUR},101.12345678,1,1,1")


def one_minute(script):
    return script._bars("usdc.parquet", "klines", script.klines, 4, 0, 60 * 10**9)


def test_the_same_lines_give_the_same_bytes(script, collected, tmp_path):
    source = collected(klines=KLINES)
    entries, stored = [], []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        entries.append(script.convert(source, one_minute(script), tmp_path / name))
        stored.append((tmp_path / name / "usdc.parquet").read_bytes())
    assert stored[0] == stored[1]
    assert entries[0] == entries[1]
    assert entries[0].sha256 == hashlib.sha256(stored[0]).hexdigest()
    assert [one.rows for one in entries[0].series] == [2]


def test_a_bar_keeps_its_digits_and_is_stamped_with_its_open(script, collected):
    source = collected(klines=KLINES)
    script.convert(source, one_minute(script), source)
    row = pq.read_table(source / "usdc.parquet").to_pylist()[0]
    assert row.pop("ts").isoformat() == "2023-03-11T14:00:00+00:00"
    assert row == {
        "open": Decimal("1.0000"),
        "high": Decimal("1.0000"),
        "low": Decimal("0.8820"),
        "close": Decimal("0.9121"),
        "volume": Decimal(7424303),
    }


def test_a_late_settlement_keeps_its_stamp_and_gets_the_mark_of_its_hour(script, collected):
    source = collected(rates=RATES, marks=MARKS)
    kind, decimals = script.FUNDING, {"rate": 8, "mark": 8}
    sample = script.Sample(
        "funding.parquet", kind, ("rates", "marks"), script.settlements, script.Scales(8, 0), None, decimals
    )
    script.convert(source, sample, source)
    table = pq.read_table(source / "funding.parquet")
    assert table["rate"].to_pylist() == [Decimal("0.0001"), Decimal("-0.0000995")]
    assert table["mark"].to_pylist() == [Decimal("100.5"), Decimal("101.12345678")]
    assert table["ts"].cast(pa.int64()).to_pylist() == [8 * HOUR * 10**6, (16 * HOUR + 16) * 10**6]


@pytest.mark.parametrize("licence", ["GPL-3.0", "LGPL-3.0", "XFree86-style permissive"])
def test_a_source_that_may_not_be_bundled_is_refused(script, collected, licence):
    source = collected(licence, klines=KLINES)
    with pytest.raises(ValueError, match=f"klines has licence {licence}"):
        script.convert(source, one_minute(script), source)
    assert not (source / "usdc.parquet").exists()


def test_a_source_that_is_not_the_collected_one_is_refused(script, collected):
    source = collected(klines=KLINES)
    (source / "klines").write_bytes(gzip.compress(b"other"))
    with pytest.raises(ValueError, match="klines has sha256"):
        script.convert(source, one_minute(script), source)


def test_a_source_with_a_bad_row_is_not_converted(script, collected):
    bad = KLINES[2].replace("0.91700000", "not a price")
    source = collected(klines=(*KLINES[:2], bad))
    with pytest.raises(ArithmeticError):
        script.convert(source, one_minute(script), source)
