"""Ids are derived, never drawn: the same run gives the same ids, and a venue order proves which record caused it.

An intent or order id is `<run>-<strategy>-<seq>`: the first 8 hex digits of the run id, the strategy's id (at most 12
characters) and the seq of the event that created it (at most 13 digits), so at most 36 characters of [a-z0-9_-],
which every venue accepts as a client order id (Binance: ^[.A-Z:/a-z0-9_-]{1,36}$).
"""

import re
from typing import Final

from veracity.domain.canonical import canonical_hash

RUN_ID_DIGITS: Final = 16
RUN_PREFIX_DIGITS: Final = 8
ID_LENGTH_MAX: Final = 36

_EVENT_ID: Final = re.compile(r"[0-9a-f]{8}-[a-z][a-z0-9_]{0,11}-(?P<seq>[1-9][0-9]{0,12})", re.ASCII)


def run_id(config_hash: str, dataset_hash: str, code_hash: str, seed: int) -> str:
    """16 hex digits that are equal when, and only when, config, dataset, code and seed are equal."""
    return canonical_hash({"code": code_hash, "config": config_hash, "dataset": dataset_hash, "seed": seed})[
        :RUN_ID_DIGITS
    ]


def event_id(run: str, strategy_id: str, seq: int) -> str:
    """Id of an intent or order that the event numbered `seq` creates; unique in the run because seq is."""
    made = f"{run[:RUN_PREFIX_DIGITS]}-{strategy_id}-{seq}"
    assert len(made) <= ID_LENGTH_MAX, made
    return made


def event_seq(made: str) -> int:
    """Seq of the event that created an intent or order, out of its id.

    Raises ValueError where the id is none of ours: an order that another program or person placed.
    """
    parts = _EVENT_ID.fullmatch(made)
    if parts is None or len(made) > ID_LENGTH_MAX:
        raise ValueError(f"{made!r} is not an id of this engine")
    return int(parts["seq"])


def trade_key(symbol: str, trade_id: str) -> str:
    """Dedupe key of a fill: venues number trades per symbol, so the id alone is not enough."""
    return f"{symbol} {trade_id}"
