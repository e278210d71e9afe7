"""`veracity config`: check a config before it is run, see what it resolves to, and what may be in it."""

from pathlib import Path
from typing import Any, Final

import click

from veracity.app.cli.options import common_options, set_option, settings
from veracity.app.cli.output import emit, say
from veracity.domain.errors import ExitCode, OperatorFault

FILE: Final = click.argument("file", type=click.Path(path_type=Path))


@click.group()
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
        import json

        say(json.dumps(document, indent=2, ensure_ascii=False))
