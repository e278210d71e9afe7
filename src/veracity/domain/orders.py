"""A door to the order lifecycle's table, generated from specs/machines/order.yaml."""

from typing import Final

from veracity_generated.common import Purpose
from veracity_generated.machines.base import NoSuchTransition
from veracity_generated.machines.order import INITIAL, TABLE, TERMINAL, On, State, step

OPENING: Final[tuple[Purpose, ...]] = ("open", "increase")
"""Purposes of an order that add to a position: the guards judge them."""
LEAVING: Final[tuple[Purpose, ...]] = ("reduce", "close")
"""Purposes that only take away from one: no guard is asked."""

__all__ = ["INITIAL", "LEAVING", "OPENING", "TABLE", "TERMINAL", "NoSuchTransition", "On", "State", "step"]
