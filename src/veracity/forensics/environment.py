"""What the code runs on: interpreter, platform and the packages that its results depend on."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple

from veracity import __version__
from veracity.domain.canonical import canonical_hash
from veracity.forensics.manifest import PackageVersion

PACKAGES: Final = (
    "backports.zstd",
    "click",
    "google-crc32c",
    "msgspec",
    "numba",
    "numpy",
    "plotly",
    "pyarrow",
    "pydantic",
    "rich",
    "scipy",
)
"""The dependencies of pyproject.toml; a test holds the two lists equal."""


class Environment(NamedTuple):
    """Interpreter, product and packages by name, and the hash over them and the platform."""

    versions: tuple[PackageVersion, ...]
    env_hash: str


def environment_identity() -> Environment:
    """What this process runs on; a package that is not installed has the version `unknown`."""
    found = {"python": platform.python_version(), "veracity": __version__}
    found |= {name: _version(name) for name in PACKAGES}
    machine = [sys.implementation.name, sys.platform, platform.machine()]
    return Environment(
        tuple(PackageVersion(name=name, version=found[name]) for name in found),
        canonical_hash({"platform": machine, "versions": found}),
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
