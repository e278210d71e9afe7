"""Two runs side by side, trade by trade: what differs, by how much money, and why (I-081's neighbour, `veracity run diff`).

Trades are paired by strategy, instrument, side and the order of their entries at the same stamp, then in order of what is
left over: the same decision that was filled later stays a pair. The money of all rows adds up to the difference of the
nets, to the unit.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from veracity.domain.amounts import MONEY_SCALE
from veracity.forensics.run_directory import RunDirectory

LATENCY_KEYS: Final = "costs.latency_"
COST_KEYS: Final = "costs."
MONEY_FIELDS: Final = ("entry_price", "exit_price", "qty", "realized", "fees", "funding", "net")
IGNORED: Final = ("instruments.bars", "instruments.funding", "run.label")


class Cause(NamedTuple):
    """Something that the runs were given and that is not the same."""

    kind: str  # data, config, costs, latency, code, strategy, seed, environment
    what: str
    first: str
    second: str


class Difference(NamedTuple):
    """One trade that is not the same in both; `change` is the second's net less the first's, in 10^-8."""

    strategy_id: str
    symbol: str
    entry_ts: int
    kind: str  # only_first, only_second, changed
    fields: tuple[str, ...]  # what differs in a pair
    cause: str  # what the fields point to
    change: int


class Compared(NamedTuple):
    """Two runs side by side."""

    causes: tuple[Cause, ...]
    same: int  # trades that are equal in every field
    differences: tuple[Difference, ...]
    net_change: int
    state_hash_equal: bool


class Row(NamedTuple):
    """One trade, numbers in 10^-8."""

    key: tuple[str, str, str]  # strategy, symbol, side
    entry_ts: int
    exit_ts: int | None
    money: Mapping[str, int | None]
    reasons: tuple[str, str | None]

    @property
    def net(self) -> int:
        """What it changed the equity by."""
        return self.money["net"] or 0


def compare(first: Path, second: Path) -> Compared:
    """Compare two run directories. Raises OperatorFault (exit code 5) where one did not come to its end."""
    one, two = RunDirectory(first), RunDirectory(second)
    rows = [_rows(_table(run)) for run in (one, two)]
    same, differences = pair(*rows)
    hashes = [json.loads(run.summary.read_bytes())["state_hash"] for run in (one, two)]
    return Compared(
        tuple(_causes(one, two)),
        same,
        tuple(differences),
        sum(row.net for row in rows[1]) - sum(row.net for row in rows[0]),
        hashes[0] is not None and hashes[0] == hashes[1],
    )


def pair(first: Sequence[Row], second: Sequence[Row]) -> tuple[int, list[Difference]]:
    """Equal trades, and the differences in order of entry."""
    found: list[Difference] = []
    same = 0
    for key in sorted({row.key for row in (*first, *second)}):
        pairs = _aligned([row for row in first if row.key == key], [row for row in second if row.key == key])
        for one, two in pairs:
            if one is not None and two is not None and one == two:
                same += 1
            else:
                found.append(_difference(key, one, two))
    return same, sorted(found, key=lambda one: (one.entry_ts, one.strategy_id, one.symbol))


def _aligned(first: list[Row], second: list[Row]) -> list[tuple[Row | None, Row | None]]:
    """Pairs by equal entry stamps; between two of them the others in their order, and what is left over alone."""
    shared = {row.entry_ts for row in first} & {row.entry_ts for row in second}
    pairs: list[tuple[Row | None, Row | None]] = []
    gaps: tuple[list[Row], list[Row]] = ([], [])
    here, there = iter(first), iter(second)

    def flush() -> None:
        pairs.extend(zip_longest(*gaps))
        for gap in gaps:
            gap.clear()

    for stamp in [*sorted(shared), None]:
        ends = []
        for number, rows in enumerate((here, there)):
            found = None
            for row in rows:
                if row.entry_ts == stamp:
                    found = row
                    break
                gaps[number].append(row)
            ends.append(found)
        flush()
        if stamp is not None:
            pairs.append((ends[0], ends[1]))
    return pairs


def _difference(key: tuple[str, str, str], one: Row | None, two: Row | None) -> Difference:
    strategy_id, symbol, _ = key
    if one is None or two is None:
        only = one or two
        assert only is not None
        kind, sign = ("only_first", -1) if two is None else ("only_second", 1)
        return Difference(strategy_id, symbol, only.entry_ts, kind, (), "decisions", sign * only.net)
    fields = [name for name in MONEY_FIELDS if one.money[name] != two.money[name] and name != "net"]
    fields += [
        name
        for name, equal in (
            ("entry_ts", one.entry_ts == two.entry_ts),
            ("exit_ts", one.exit_ts == two.exit_ts),
            ("reasons", one.reasons == two.reasons),
        )
        if not equal
    ]
    return Difference(
        strategy_id, symbol, one.entry_ts, "changed", tuple(fields), _points_to(fields), two.net - one.net
    )


def _points_to(fields: Sequence[str]) -> str:
    """What differing fields say about the cause, the strongest first."""
    for cause, names in (
        ("decisions", ("reasons", "qty")),
        ("timing", ("entry_ts", "exit_ts")),
        ("prices", ("entry_price", "exit_price", "realized")),
        ("funding", ("funding",)),
        ("fees", ("fees",)),
    ):
        if any(name in fields for name in names):
            return cause
    return "none"


def _causes(one: RunDirectory, two: RunDirectory) -> list[Cause]:
    first, second = (json.loads(run.manifest.read_bytes()) for run in (one, two))
    found = [
        Cause(kind, name, str(first[name]), str(second[name]))
        for kind, name in (
            ("data", "dataset_hash"),
            ("code", "code_hash"),
            ("strategy", "feature_hash"),
            ("environment", "env_hash"),
        )
        if first[name] != second[name]
    ]
    flats = [
        _flat(tomllib.loads(run.config.read_text(encoding="utf-8"), parse_float=Decimal))
        for run in (one, two)
    ]
    for key in sorted(flats[0].keys() | flats[1].keys()):
        values = [str(flat.get(key, "absent")) for flat in flats]
        if values[0] != values[1] and not key.endswith((".bars", ".funding")) and key not in IGNORED:
            found.append(Cause(_kind(key), key, *values))
    return found


def _kind(key: str) -> str:
    if key == "run.seed":
        return "seed"
    if key.startswith(LATENCY_KEYS):
        return "latency"
    return "costs" if key.startswith(COST_KEYS) else "config"


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Every value of a document under its dotted key; an element of a list of tables by its id or symbol."""
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for name, item in value.items():
            found |= _flat(item, f"{prefix}.{name}" if prefix else name)
        return found
    if isinstance(value, list) and value and isinstance(value[0], dict):
        found = {}
        for number, item in enumerate(value):
            found |= _flat(item, f"{prefix}.{item.get('id') or item.get('symbol') or number}")
        return found
    return {prefix: value}


def _table(run: RunDirectory) -> pa.Table:
    run.require_summary()
    return pq.read_table(run.results / "trades.parquet")


def _rows(table: pa.Table) -> list[Row]:
    stamps = table["entry_ts"].cast(pa.int64()).to_pylist(), table["exit_ts"].cast(pa.int64()).to_pylist()
    rows = table.drop_columns(["entry_ts", "exit_ts"]).to_pylist()
    return [
        Row(
            (row["strategy_id"], row["symbol"], row["side"]),
            entry,
            left,
            {name: _units(row[name]) for name in MONEY_FIELDS},
            (row["entry_reason"], row["exit_reason"]),
        )
        for row, entry, left in zip(rows, *stamps, strict=True)
    ]


def _units(value: Decimal | None) -> int | None:
    return None if value is None else int(value.scaleb(MONEY_SCALE))
