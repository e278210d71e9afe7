"""Parquet files: the stored form of every dataset."""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from veracity.data.columns import STAMP, SYMBOL, SeriesKind, kind_of
from veracity.data.findings import Report
from veracity.data.raw import RawTable, check_names, damage_reported, is_file
from veracity.data.units import is_number

MAGIC: Final = b"PAR1"  # a Parquet file begins and ends with it


def read_parquet(path: Path, kind: SeriesKind | None, report: Report) -> RawTable | None:
    """The table in `path`, of `kind` or of the kind that its columns are most like; None after a finding that refuses it."""
    if not is_file(path, report):
        return None
    stored: pq.ParquetFile | None = None
    with damage_reported(report):
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
        if magic != MAGIC:
            report.add("not_parquet", f"is not a Parquet file: it does not begin with {MAGIC.decode()}")
        else:
            stored = pq.ParquetFile(path)
    if stored is None:
        return None
    schema = stored.schema_arrow
    kind = kind or kind_of(schema.names)
    if not _check_schema(schema, kind, report):
        return None

    def column(name: str) -> pa.Array:
        return stored.read(columns=[name], use_threads=False)[name].combine_chunks()

    return RawTable(kind, tuple(schema.names), stored.metadata.num_rows, column, header_lines=0)


def _check_schema(schema: pa.Schema, kind: SeriesKind, report: Report) -> bool:
    check_names(schema.names, kind, report)
    for field in schema:
        if field.name == SYMBOL:
            fits, wanted = pa.types.is_string(field.type) or pa.types.is_large_string(field.type), "string"
        elif field.name in (STAMP, *kind.stamps):
            fits, wanted = pa.types.is_timestamp(field.type), kind.wanted(field.name)
            if fits and field.type.tz is None:
                report.add(
                    "naive_stamps",
                    f"column {field.name} has no time zone, wanted {wanted}, found {field.type}",
                    column=field.name,
                )
        elif field.name in kind.numbers:
            fits, wanted = is_number(field.type), kind.wanted(field.name)
        else:
            continue
        if not fits:
            report.add(
                "wrong_type",
                f"column {field.name} has the wrong type, wanted {wanted}, found {field.type}",
                column=field.name,
                value=str(field.type),
            )
    return not report.refuses
