"""`veracity config`: check a config before it is run, see what it resolves to, and what may be in it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from veracity.app.cli.lazy import OrderedGroup
from veracity.app.cli.options import common_options, set_option, settings
from veracity.app.cli.output import emit, say
from veracity.domain.errors import ExitCode, OperatorFault

if TYPE_CHECKING:
    from veracity.app.config_keys import Key

FILE: Final = click.argument("file", type=click.Path(path_type=Path))


@click.group(cls=OrderedGroup)
@common_options
def config() -> None:
    """Check, show and explain configs."""


@config.command()
@FILE
@set_option
@common_options
def check(file: Path, overrides: tuple[str, ...]) -> None:
    """Check FILE and tell all that is wrong with it at once. Exit code 3 where something is; nothing is run."""
    from veracity.app.config import load

    loaded = load(file, overrides)
    strategies = [
        {
            "id": setup.bound.strategy_id,
            "strategy": setup.bound.strategy.name,
            "config_hash": setup.config_hash,
        }
        for setup in loaded.strategies
    ]
    instruments = [source.symbol for source in loaded.instruments]
    if settings().json:
        content = {"file": str(file), "config_hash": loaded.config_hash}
        emit("veracity.config_check/1", {**content, "instruments": instruments, "strategies": strategies})
        return
    say(f"{file}: ok")
    say(f"  instruments  {', '.join(instruments)}")
    named = ", ".join(f"{one['id']} ({one['strategy']})" for one in strategies)
    say(f"  strategies   {named or 'none'}")
    say(f"  config hash  {loaded.config_hash}")


@config.command()
@FILE
@set_option
@common_options
def show(file: Path, overrides: tuple[str, ...]) -> None:
    """Print FILE resolved: every value, defaults filled in, each with the place that it came from."""
    from veracity.app.config import load
    from veracity.app.config_values import canonical

    loaded = load(file, overrides)
    if settings().json:
        content = {"file": str(file), "config_hash": loaded.config_hash, "config": canonical(loaded.resolved)}
        emit("veracity.config/1", content)
    else:
        click.echo(loaded.resolved_toml(), nl=False)


@config.command()
@click.argument("key", required=False)
@common_options
def explain(key: str | None) -> None:
    """Say what KEY means, what may stand there, and what holds where it is left out; all keys without KEY.

    \b
    veracity config explain strategies.risk.daily_loss
    veracity config explain half_spread
    """
    from veracity.app.config_keys import explain as find
    from veracity.app.config_keys import keys

    found = keys() if key is None else find(key)
    if settings().json:
        emit("veracity.config_explain/1", {"keys": [one._asdict() for one in found]})
        return
    for one in found:
        say(f"{one.path}" + (f"  (of {one.strategy})" if one.strategy else ""))
        if key is None:
            continue
        say(f"  {one.description}")
        say(f"  value     {', '.join((one.type, *one.limits))}")
        say(f"  left out  {_left_out(one)}")
        if one.examples:
            say(f"  example   {json.dumps(one.examples[0], ensure_ascii=False)}")


@config.command()
@click.argument("strategy", required=False)
@common_options
def schema(strategy: str | None) -> None:
    """Print the JSON Schema of a config, or of the parameters of STRATEGY, for editors and scripts."""
    from veracity.app.config_problems import did_you_mean
    from veracity.app.config_schema import json_schema, strategies

    if strategy is not None and strategy not in strategies():
        hint = did_you_mean(strategy, strategies())
        raise OperatorFault(f"unknown strategy {strategy}", hint=hint, exit_code=ExitCode.USAGE)
    document: dict[str, Any] = json_schema(strategy)
    if settings().json:
        emit("veracity.config_schema/1", {"json_schema": document})
    else:
        say(json.dumps(document, indent=2, ensure_ascii=False))


def _left_out(key: "Key") -> str:
    if key.required:
        return "is refused: the key is needed"
    return "nothing is set" if key.default is None else f"{json.dumps(key.default, ensure_ascii=False)} holds"
