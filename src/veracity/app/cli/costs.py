"""`veracity costs`: is what a config charges what the market would take?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from veracity.app.cli.options import common_options, config_options, settings
from veracity.app.cli.output import Column, emit, say, table

if TYPE_CHECKING:
    from veracity.research.cost_check import Charged
    from veracity.research.metrics import Ratio


@click.command()
@config_options(describe="Config of a backtest (TOML).")
@common_options
def costs(config: Path, overrides: tuple[str, ...]) -> None:
    """Hold the costs of a config against its data and against the models of others, in basis points of the price.

    The spread of the data is Corwin and Schultz's estimate from highs and lows, which is high for long bars and liquid
    markets. Impact is that of a market order of 0.1, 1 and 10 % of a usual bar's volume: by the config, volatility
    included, by the square-root law, by zipline's and LEAN's share of the volume, and by Almgren et al. 2005. Volatility is
    that of a day by six estimators, of which the first one is in the impacts. They are estimates, and none of them is asked
    in a run. Nothing is written.

    \b
    veracity costs -c examples/btc_momentum.toml
    veracity costs -c examples/btc_funding_carry.toml --set costs.impact=1 --json
    """
    from veracity.app.config import load
    from veracity.data.dataset import load as load_dataset
    from veracity.research.cost_check import check_costs

    loaded = load(config, overrides)
    found = check_costs(load_dataset(loaded.sources()), loaded.cost_model())
    if settings().json:
        emit("veracity.costs/1", {"instruments": [_plain(one) for one in found]})
        return
    for one in found:
        _print(one)


def _print(one: "Charged") -> None:
    say(f"{one.symbol}, {one.bars} bars")
    heads = [
        Column(name, is_number=True)
        for name in ("order, % of\na bar", "config", "square\nroot", "volume\nshare", "Almgren")
    ]
    table(heads, [
        (f"{100 * order.share:g}", f"{order.config:.2f}", _text(order.square_root), f"{order.volume_share:.2f}", _text(order.almgren))
        for order in one.orders
    ])  # fmt: skip
    say(
        f"spread, whole    {one.spread_config:.2f} by the config, at most {_text(one.spread_data)} by the data"
    )
    estimates = (f"{_title(name)} {_text(found, 100)} %" for name, found in one.volatility.items())
    say(f"volatility, day  {', '.join(estimates)}")
    if one.funding is not None:
        say(
            f"funding, a year  {_text(one.funding.paid, 100)} % paid by a long, {_text(one.funding.at_no_premium, 100)} % at no premium"
        )


def _title(estimator: str) -> str:
    """An estimator by the names of those that it is named after."""
    plain = {"close_to_close": "closes", "ewma": "EWMA"}
    return plain.get(estimator) or "-".join(map(str.capitalize, estimator.split("_")))


def _text(found: "Ratio", factor: float = 1.0) -> str:
    return "unknown" if found.value is None else f"{factor * found.value:.2f}"


def _plain(one: "Charged") -> dict[str, object]:
    funding = (
        None
        if one.funding is None
        else {name: found._asdict() for name, found in one.funding._asdict().items()}
    )
    orders = [
        order._asdict() | {"square_root": order.square_root._asdict(), "almgren": order.almgren._asdict()}
        for order in one.orders
    ]
    volatility = {name: found._asdict() for name, found in one.volatility.items()}
    told = {"spread_data": one.spread_data._asdict(), "volatility": volatility}
    return one._asdict() | told | {"orders": orders, "funding": funding}
