"""Target: the frame of the package."""

from pathlib import Path

from veracity_gen.header import python_header


def generate(root: Path) -> dict[str, str]:
    """The package's docstring and the mark that it is typed."""
    text = '"""Models and tables generated from schemas/, specs/machines/ and tickets/. Only veracity.domain imports it."""\n'
    return {"__init__.py": python_header("schemas/, specs/machines/ and tickets/") + text, "py.typed": ""}
