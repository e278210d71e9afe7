"""Every strategy that a config can name: an explicit table. No directory is scanned and no name from a config imported."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from veracity.domain.errors import OperatorFault
from veracity.strategies import (
    buy_and_hold,
    funding_carry,
    mean_reversion,
    momentum,
    no_trade,
    open_interest_trend,
    vol_regime_switch,
)
from veracity.strategies.interface import Strategy

NAME: Final = re.compile(
    r"[a-z][a-z0-9_]{2,31}"
)  # also the stem of module, schema, feature file and test (S-138)


class Registry(Mapping[str, Strategy]):
    """A frozen table of strategies, in the order that it was given; each name has one version in use."""

    def __init__(self, strategies: Iterable[Strategy]) -> None:
        """Raises OperatorFault for a name that is none, and for a (name, version) pair or a name that comes twice."""
        table: dict[str, Strategy] = {}
        for strategy in strategies:
            if NAME.fullmatch(strategy.name) is None:
                raise OperatorFault(
                    f"{strategy.name!r} is no name of a strategy", hint=f"names match {NAME.pattern}"
                )
            if strategy.name in table:
                first = table[strategy.name].version
                raise OperatorFault(
                    f"strategy {strategy.name} is there twice",
                    why=f"as version {first} and as version {strategy.version}",
                )
            table[strategy.name] = strategy
        self._table = table

    def resolve(self, name: str, version: int) -> Strategy:
        """The strategy of that name and version. Raises OperatorFault where the table has no such pair."""
        found = self._table.get(name)
        if found is None or found.version != version:
            why = (
                "it is not in the registry" if found is None else f"the registry has version {found.version}"
            )
            raise OperatorFault(f"no strategy {name} in version {version}", why=why)
        return found

    def __getitem__(self, name: str) -> Strategy:
        return self._table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


REGISTRY: Final = Registry(
    (
        buy_and_hold.STRATEGY,
        no_trade.STRATEGY,
        momentum.STRATEGY,
        mean_reversion.STRATEGY,
        funding_carry.STRATEGY,
        vol_regime_switch.STRATEGY,
        open_interest_trend.STRATEGY,
    )
)
