"""The version of what a journal's records mean: the fields of every event, and of the state that they fold to.

It stands in the head of each segment and in each snapshot. Any change of a field, of the state's too, raises it: the state's hash
is over all of them, so the checkpoints of a journal that was recorded before no longer hold. A journal of another version is
refused (exit code 7) by whatever would fold it or go on in it, and never taken for a damaged one (specs/journal/format.md, S-046).

1 was the first; 2 knows since when a cause of safe mode is open; 3 keeps the volatility regime of an instrument.
"""

from typing import Final

SCHEMA_VERSION: Final = 3
