"""The machine's clock, for what is stamped outside the engine: a run directory's name, a manifest."""

from time import time_ns as now_ns  # noqa: TID251  # the one place that hands the machine's clock in

__all__ = ["now_ns"]
