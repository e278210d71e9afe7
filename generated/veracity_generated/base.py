# Generated from src/veracity_gen/records.py.
# Do not edit: change the source, then run `make gen`.

"""What every record has in common."""

import msgspec


class Record(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Immutable, unknown fields refused; not tracked by the garbage collector, as it cannot hold a cycle."""
