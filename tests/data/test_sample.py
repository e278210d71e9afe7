"""The bundled files: small, free to give away, exactly what their manifest and README say, and all of them can be run."""

import hashlib
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.data.files import source, told, write

from veracity.data.dataset import load
from veracity.data.manifest import read_manifest
from veracity.data.quality import inspect
from veracity.domain.errors import OperatorFaults
from veracity.domain.time import NS_PER_HOUR, NS_PER_MINUTE

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MANIFEST = read_manifest(SAMPLE / "manifest.json")
FILES = [entry.file for entry in MANIFEST.files]
ENTRIES = {entry.file: entry for entry in MANIFEST.files}
PERPS = SAMPLE / "binance_usdm_perps_1h_2025-03_2026-03.parquet"
OPEN_INTEREST = SAMPLE / "hyperliquid_open_interest_1h_2025-12_2026-03.parquet"
SIZE_MAX = 6 * 10**6


def test_every_file_is_listed_and_all_are_small():
    stored = sorted(path.name for path in SAMPLE.glob("*.parquet"))
    assert stored == sorted(FILES)
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < SIZE_MAX


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_the_bytes_and_the_content_of_its_manifest(name):
    assert hashlib.sha256((SAMPLE / name).read_bytes()).hexdigest() == ENTRIES[name].sha256
    assert "manifest_mismatch" not in inspect(SAMPLE / name).rules


@pytest.mark.parametrize("name", FILES)
def test_a_file_names_its_source_and_a_licence_that_allows_giving_it_away(name):
    metadata = pq.read_schema(SAMPLE / name).metadata
    origins = ENTRIES[name].origins
    assert {origin.licence for origin in origins} <= {"MIT", "Apache-2.0", "Unlicense"}
    assert metadata[b"licence"].decode() == origins[0].licence
    assert all(origin.repository in metadata[b"source"].decode() for origin in origins)
    assert {len(origin.commit) for origin in origins} == {40}
    assert metadata[b"commit"].decode() == origins[0].commit
    for origin in origins:
        notice = SAMPLE / "LICENSES" / f"{origin.repository.replace('/', '+')}.txt"
        assert notice.is_file() or origin.licence == "Unlicense"


@pytest.mark.parametrize("name", FILES)
def test_the_readme_tells_each_file_with_its_rows_and_range(name):
    (line,) = [
        line for line in (SAMPLE / "README.md").read_text().splitlines() if line.startswith(f"| `{name}`")
    ]
    series = ENTRIES[name].series
    assert f"| {sum(one.rows for one in series):,} |" in line
    assert f"{series[0].first[:16]} .. {series[0].last[:16]}" in line
    for origin in ENTRIES[name].origins:
        assert all(
            text in line
            for text in (origin.repository, origin.commit[:12], origin.licence, origin.sha256[:12])
        )


@pytest.mark.parametrize("name", FILES)
def test_numbers_are_stored_as_decimals_and_stamps_in_utc(name):
    schema = pq.read_schema(SAMPLE / name)
    assert schema.field("ts").type == pa.timestamp("ns", "UTC")
    numbers = [field.type for field in schema if field.name not in ("ts", "symbol")]
    assert len(numbers) >= 1
    assert all(pa.types.is_decimal128(kind) for kind in numbers)


@pytest.mark.ticket("T-322")
def test_open_interest_has_one_gap_of_eighteen_points_for_each_coin():
    quality = inspect(OPEN_INTEREST)
    assert [(one.symbol, one.rows_read) for one in quality.series] == [("BTC", 2_142), ("ETH", 2_142)]
    assert [[(gap.first, gap.bars) for gap in one.gaps] for one in quality.series] == [
        [("2026-01-19T00:00:00Z", 18)]
    ] * 2
    assert [(one.code, one.symbol) for one in quality.findings] == [("gap", "BTC"), ("gap", "ETH")]


@pytest.mark.ticket("T-347")
def test_the_hourly_perps_are_two_series_of_equal_stamps(tmp_path):
    quality = inspect(PERPS)
    assert quality.accepted
    assert quality.rows_read == 17_472
    assert [(one.symbol, one.rows_read, one.first, one.last, one.duplicates) for one in quality.series] == [
        (symbol, 8_736, "2025-03-06T11:00:00Z", "2026-03-05T10:00:00Z", 0)
        for symbol in ("BTCUSDT", "ETHUSDT")
    ]
    table = pq.read_table(PERPS)
    lost = table["symbol"].to_pylist().index("ETHUSDT") + 100
    cut = write(tmp_path / "perps.parquet", pa.concat_tables([table.slice(0, lost), table.slice(lost + 1)]))
    assert [(one.symbol, one.missing) for one in inspect(cut).series] == [("BTCUSDT", 0), ("ETHUSDT", 1)]


def test_the_stablecoin_file_begins_with_the_relisting():
    data = load([source(SAMPLE / FILES[2], symbol="USDCUSDT", price_scale=4, qty_scale=0)]).instruments[0]
    assert [column[0] for column in data.bars] == [
        1_678_543_200_000_000_000,
        10_000,
        10_000,
        8_820,
        9_121,
        7_424_303,
    ]
    assert len(data.bars.ts) == 13_560


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_spot_perpetual_and_settlements_of_one_coin_fit_together(coin):
    interval = 8 * NS_PER_HOUR
    start = 1_701_388_800 * 10**9  # 2023-12-01T00:00:00Z, the first settlement with a mark
    spot = source(
        SAMPLE / f"binance_spot_{coin}USDT_8h_2023-01_2024-07.parquet",
        symbol=coin,
        qty_scale=6,
        interval_ns=interval,
        start_ts=start,
    )
    perp = source(
        SAMPLE / f"binance_usdm_{coin}USDT_8h_2023-01_2024-07.parquet",
        symbol=f"{coin}-PERP",
        kind="perp",
        interval_ns=interval,
        start_ts=start,
        funding=SAMPLE / f"binance_usdm_{coin}USDT_funding_2023-12_2025-11.parquet",
    )
    one, two = load([spot, perp]).instruments
    assert np.array_equal(one.bars.ts, two.bars.ts)
    assert len(one.bars.ts) == 640
    assert len(two.funding.ts) == 641
    assert (
        int(np.max(two.funding.ts % interval)) <= 16 * 10**6
    )  # late by milliseconds, as the exchange stamped them
    distance = np.abs(two.funding.mark[:640] - two.bars.open) * 10_000 / two.bars.open
    assert float(distance.max()) < 7  # basis points between mark and last price at the settlement hour


def test_a_perpetual_before_its_first_mark_is_refused():
    whole = source(
        SAMPLE / "binance_usdm_BTCUSDT_8h_2023-01_2024-07.parquet",
        symbol="BTC-PERP",
        kind="perp",
        interval_ns=8 * NS_PER_HOUR,
        funding=SAMPLE / "binance_usdm_BTCUSDT_funding_2023-12_2025-11.parquet",
    )
    with pytest.raises(OperatorFaults) as raised:
        load([whole])
    assert told(raised.value) == ["funding_short"]


def test_the_paid_rates_of_the_settlements_add_up():
    table = pq.read_table(SAMPLE / "binance_usdm_BTCUSDT_funding_2023-12_2025-11.parquet")
    assert table.num_rows == 2_151
    assert sum(table["rate"].to_pylist()) == Decimal("0.18194098")
    late = [ts for ts in table["ts"].cast(pa.int64()).to_pylist() if ts % (8 * NS_PER_HOUR)]
    assert len(late) == 577


def test_the_minute_files_have_their_largest_moves_where_they_were():
    moves = [inspect(SAMPLE / name, NS_PER_MINUTE).series[0].largest_move for name in FILES[:3]]
    assert [move.at for move in moves] == [
        "2023-02-16T16:07:00Z",
        "2023-03-13T14:08:00Z",
        "2023-03-11T14:02:00Z",
    ]
