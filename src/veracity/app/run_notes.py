"""What a reader must know of the code and the data of a run before believing its numbers."""

from collections.abc import Iterator

import numpy as np

from veracity.data.aux_series import AuxData
from veracity.data.dataset import Dataset, InstrumentData
from veracity.engine.aux_view import is_fresh
from veracity.forensics.code_identity import UNKNOWN
from veracity.forensics.manifest import Manifest
from veracity.strategies.features import as_of


def run_notes(manifest: Manifest, dataset: Dataset) -> Iterator[str]:
    """One sentence each."""
    if manifest.git_sha == UNKNOWN:
        yield "The code is not from a git checkout: only code_hash in manifest.json says which code ran."
    if manifest.dry_run:
        yield f"Rules in dry run, which kept the run from nothing: {', '.join(manifest.dry_run)}."
    for data in dataset.instruments:
        if data.gaps:
            missing = sum(gap.bars for gap in data.gaps)
            yield f"{missing} bars of {data.source.symbol} are missing, in {len(data.gaps)} gaps."
        for one in data.aux:
            unknown = bars_without(data, one)
            if unknown:
                name, of = f"{one.source.name} of {data.source.symbol}", len(data.bars.ts)
                yield f"{name} is unknown or too old when {unknown} of {of} bars close."


def bars_without(data: InstrumentData, one: AuxData) -> int:
    """When how many bars are known there is no value of the series, or one that is older than the series allows."""
    known_ts = data.bars.ts + data.source.interval_ns
    newest = as_of(known_ts, one.series)
    age = known_ts - np.append(one.series.observed, 0)[newest]
    return int(np.count_nonzero((newest < 0) | ~is_fresh(age, one.source.max_age_ns)))
