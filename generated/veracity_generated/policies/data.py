# Generated from specs/policies/data.yaml.
# Do not edit: change the source, then run `make gen`.
"""What a dataset must pass before a run may read it."""

from typing import Final, NamedTuple


class Check(NamedTuple):
    """One check: its settings, the default first, and the codes of its findings."""

    name: str
    settings: tuple[str, ...]
    codes: tuple[str, ...]


DATA_CHECKS: Final[tuple[Check, ...]] = (
    Check(
        "schema",
        ("reject",),
        (
            "twice",
            "missing_file",
            "is_directory",
            "unreadable",
            "not_parquet",
            "not_csv",
            "missing_column",
            "unexpected_column",
            "wrong_type",
            "no_rows",
            "unknown_symbol",
            "empty_range",
        ),
    ),
    Check(
        "types",
        ("reject",),
        ("field_count", "empty", "not_a_number", "not_finite", "bad_stamp", "too_large", "off_grid"),
    ),
    Check("time_zone", ("reject",), ("naive_stamps",)),
    Check("order", ("reject",), ("unordered",)),
    Check("duplicates", ("reject", "drop_identical"), ("duplicate", "duplicate_conflict")),
    Check("cadence", ("reject",), ("off_interval",)),
    Check("gaps", ("reject", "allow"), ("gap", "gap_limit", "range_short")),
    Check("outliers", ("reject",), ("outlier_return", "outlier_wick")),
    Check("zero_volume", ("accept",), ()),
    Check(
        "zero_price",
        ("reject",),
        (
            "zero_price",
            "negative_price",
            "negative_volume",
            "high_below_low",
            "open_outside_range",
            "close_outside_range",
        ),
    ),
    Check(
        "settlements",
        ("reject", "mark_unknown"),
        ("funding_missing", "funding_on_spot", "funding_short", "funding_gap"),
    ),
    Check("aux", ("reject",), ("aux_twice", "aux_short", "known_early", "lag_guessed")),
    Check("row_count", ("reject",), ("manifest_unreadable", "manifest_mismatch")),
)
