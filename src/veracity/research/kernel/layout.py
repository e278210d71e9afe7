"""Where everything of a run lies: one block of memory, the world's own numbers first, then what it has of each kind.

Every distance is known when the loop is compiled. So what a run changes is read and written at fixed places beside one
address, and the compiler sees that the account is not the order: it keeps in registers what it could not if each lay behind
an address of its own. Only what belongs to the dataset, and what grows, lies elsewhere (`records.ADDRESSES`).
"""

from typing import Any, Final

import numpy as np

from veracity.research.kernel import records

NUMBER: Final = np.dtype(np.int64)
WORD: Final = NUMBER.itemsize
STREAMS: Final = ("{}", "{} hears", "", " hears")
"""Names of the streams of delays, as the exchange has them; what stands for the strategy is filled in."""

STATE: Final[dict[str, tuple[np.dtype[Any], int]]] = {
    "account": (records.ACCOUNT, 1),
    "positions": (records.POSITION, records.LEGS_MAX),
    "last_fill": (records.LAST_FILL, 1),
    "leg": (records.LEG, records.LEGS_MAX),
    "order": (records.ORDER, records.ORDERS_MAX + 1),
    "stage": (records.STAGED, records.ORDERS_MAX),
    "refusals": (NUMBER, records.LEGS_MAX * records.RULES_MAX),
    "times": (NUMBER, 1 + records.TIMES),
    "costs": (records.COSTS, 1),
    "limits": (records.LIMITS, 1),
    "sent": (NUMBER, len(STREAMS)),
    "told": (records.TASK, 1),
    "tier": (records.TIER, records.LEGS_MAX),
    "turnover": (records.TURNOVER, 1),
    "margin": (records.MARGIN, 1),
    "aux": (records.AUX, 1),
    "owed": (NUMBER, 1 + records.LEGS_MAX),
    "owing": (NUMBER, 1 + records.LEGS_MAX),
    "memory": (NUMBER, records.MEMO_MAX),
    "decision": (NUMBER, 2 + records.MEMO_MAX),
    "params": (NUMBER, records.PARAMS_MAX),
    "columns": (NUMBER, records.COLUMNS_MAX * records.COLUMN_WIDTH),
}
"""What a run has of its own and what never grows, behind the world's own numbers: of which records, and how many."""


def _places() -> tuple[dict[str, slice], int]:
    places, end = {}, records.WORLD.itemsize
    for name, (kind, count) in STATE.items():
        places[name] = slice(end, end + kind.itemsize * count)
        end = places[name].stop
    return places, end


PLACES, BLOCK_BYTES = _places()
"""Where in the block each of them lies, and how large the block is."""


WORDS: Final = {
    **{name: field[1] // WORD for name, field in (records.WORLD.fields or {}).items()},
    **{name: place.start // WORD for name, place in PLACES.items()},
}
"""Which of the block's 64-bit words each number of the world is, and each part's first."""


def part(block: Any, name: str) -> Any:
    """The records of that name in a block."""
    return block[PLACES[name]].view(STATE[name][0])
