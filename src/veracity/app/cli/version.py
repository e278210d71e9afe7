"""`veracity version`: which code runs here, on what."""

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import Final

import click

from veracity import __version__
from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import emit, say

PACKAGES: Final = ("click", "google-crc32c", "msgspec", "numpy", "plotly", "pyarrow", "pydantic", "rich")


@click.command()
@common_options
def version() -> None:
    """Say which versions of veracity, Python and the packages run here."""
    packages = {name: _installed(name) for name in PACKAGES}
    if settings().json:
        emit(
            "veracity.version/1",
            {"veracity": __version__, "python": platform.python_version(), "packages": packages},
        )
        return
    say(f"veracity {__version__}, Python {platform.python_version()}")
    for name, number in packages.items():
        say(f"  {name} {number}")


def _installed(name: str) -> str:
    try:
        return installed(name)
    except PackageNotFoundError:
        return "not installed"
