"""What a manifest says is compared with what its file holds now."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.data.files import bars, source, told, write_bars

from veracity.data.columns import BARS
from veracity.data.dataset import UNCHECKED_ROWS, load
from veracity.data.findings import Report
from veracity.data.manifest import Units, describe_dataset, read_manifest
from veracity.data.quality import inspect
from veracity.data.series import Scales, read_raw
from veracity.domain.errors import ExitCode, OperatorFaults
from veracity.domain.time import NS_PER_HOUR

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
FEBRUARY = "binance_spot_BTCUSDT_1m_2023-02.parquet"


@pytest.fixture
def published(tmp_path):
    """A copy of a bundled file with its manifest."""
    for name in (FEBRUARY, "manifest.json"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    return tmp_path / FEBRUARY


def described(path, scales):
    """What the only series of a file of one-minute bars is found to hold."""
    raw = read_raw(path, BARS, Report(path))
    (found,) = describe_dataset(raw, {None: Units(scales, 60 * 10**9)}, Report(path)).values()
    return found


def refused(path):
    with pytest.raises(OperatorFaults) as raised:
        load([source(path, qty_scale=5)])
    assert raised.value.exit_code is ExitCode.DATA
    return raised.value


def test_the_bundled_february_has_the_rows_that_its_manifest_says():
    (stored,) = next(
        entry for entry in read_manifest(SAMPLE / "manifest.json").files if entry.file == FEBRUARY
    ).series
    assert stored.rows == 23_040 == 16 * 1_440
    assert described(SAMPLE / FEBRUARY, Scales(2, 5)).rows == 23_040
    data = load([source(SAMPLE / FEBRUARY, qty_scale=5)]).instruments[0]
    assert len(data.bars.ts) == 23_040
    assert data.unchecked == ()


@pytest.mark.ticket("T-232")
def test_a_cut_off_row_is_refused_with_both_counts(published):
    pq.write_table(pq.read_table(published).slice(0, 23_039), published)
    fault = refused(published)
    assert told(fault) == ["manifest_mismatch"]
    assert fault.faults[0].what.startswith("rows 23039, manifest 23040; last 2023-02-28T23:58:00Z, manifest")
    assert inspect(published).rules == ("manifest_mismatch",)


def test_a_cut_off_settlement_is_refused_too(tmp_path):
    """The first is before the bars, so nothing but the manifest can miss it."""
    name = "binance_usdm_BTCUSDT_funding_2023-12_2025-11.parquet"
    shutil.copy(SAMPLE / "manifest.json", tmp_path)
    settled = pq.read_table(SAMPLE / name)
    pq.write_table(settled.slice(1), tmp_path / name)
    perpetual = source(
        SAMPLE / "binance_usdm_BTCUSDT_8h_2023-01_2024-07.parquet",
        symbol="BTC-PERP",
        kind="perp",
        interval_ns=8 * NS_PER_HOUR,
        funding=tmp_path / name,
        start_ts=1_704_067_200 * 10**9,  # 2024-01-01T00:00:00Z
    )
    with pytest.raises(OperatorFaults) as raised:
        load([perpetual])
    assert told(raised.value) == ["manifest_mismatch"]


def test_a_recompressed_file_is_still_the_published_one(published):
    pq.write_table(pq.read_table(published), published, compression="snappy", row_group_size=1_000)
    assert load([source(published, qty_scale=5)]).instruments[0].unchecked == ()


def test_one_other_tick_is_not_the_published_file(published):
    table = pq.read_table(published)
    closes = table["close"].to_pylist()
    closes[20_000] = table["low"][20_000].as_py()
    assert closes[20_000] != table["close"][20_000].as_py()
    field = table.schema.field("close")
    pq.write_table(table.set_column(4, field, pa.array(closes, field.type)), published)
    assert refused(published).faults[0].what.startswith("content_hash ")


def test_a_manifest_that_cannot_be_read_refuses_the_file(published):
    (published.parent / "manifest.json").write_text("{}")
    assert told(refused(published)) == ["manifest_unreadable"]


def test_a_manifest_of_another_version_refuses_the_file(published):
    manifest = published.parent / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**content, "version": 2}))
    assert told(refused(published)) == ["manifest_unreadable"]


OPEN_INTEREST = "hyperliquid_open_interest_1h_2025-12_2026-03.parquet"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table, []),
        (lambda table: table.slice(0, table.num_rows - 1), ["rows 2141, manifest 2142"]),
        (
            lambda table: table.filter(pc.equal(table["symbol"], "BTC")),
            ["holds BTC, manifest BTC, ETH"],
        ),
    ],
    ids=["as published", "without its last row", "without a series"],
)
def test_every_series_of_every_kind_of_file_is_compared(tmp_path, change, said):
    for name in (OPEN_INTEREST, "manifest.json"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    path = tmp_path / OPEN_INTEREST
    pq.write_table(change(pq.read_table(path)), path)
    found = [finding for finding in inspect(path).findings if finding.code == "manifest_mismatch"]
    assert [finding.message[: len(start)] for finding, start in zip(found, said, strict=True)] == said


def test_a_file_that_no_manifest_lists_is_read_and_the_skipped_check_is_named(tmp_path):
    path = write_bars(tmp_path / "bars.parquet", bars(3))
    assert load([source(path)]).instruments[0].unchecked == (UNCHECKED_ROWS,)
    (tmp_path / "manifest.json").write_text(json.dumps({"version": 1, "files": []}))
    assert load([source(path)]).instruments[0].unchecked == (UNCHECKED_ROWS,)


def test_a_description_is_computed_from_the_columns(tmp_path):
    path = write_bars(tmp_path / "bars.parquet", bars(3))
    found = described(path, Scales(2, 3))
    assert (found.rows, found.first, found.last) == (3, "2023-02-13T00:00:00Z", "2023-02-13T00:02:00Z")
    assert (found.price_scale, found.qty_scale, found.gaps) == (2, 3, ())
    finer = described(path, Scales(3, 3))
    assert finer.content_hash != found.content_hash
