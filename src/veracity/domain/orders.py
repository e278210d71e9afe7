"""A door to the order lifecycle's table, generated from specs/machines/order.yaml."""

from veracity_generated.machines.base import NoSuchTransition
from veracity_generated.machines.order import INITIAL, TABLE, TERMINAL, On, State, step

__all__ = ["INITIAL", "TABLE", "TERMINAL", "NoSuchTransition", "On", "State", "step"]
