"""`veracity live`: what stands against trading a config with real money; in this version something always does."""

from pathlib import Path

import click

from veracity.app.cli.options import common_options, config_options


@click.command()
@config_options()
@common_options
def live(config: Path, overrides: tuple[str, ...]) -> None:
    """Say what stands against trading with real money; this version trades none (exit code 7)."""
    from veracity.app.config import load
    from veracity.app.live import refuse_live

    refuse_live(load(config, overrides))
