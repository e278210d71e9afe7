"""docs/cli.md: every command's own help, so that the page cannot drift. `python -m veracity.app.cli.reference > docs/cli.md`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

import veracity
from veracity.app.cli.main import cli

WIDTH = 100
OUTPUT: Final = Path(veracity.__file__).resolve().parents[2] / "schemas" / "output"
HEADER = """# Command line

Written from `--help` by `python -m veracity.app.cli.reference > docs/cli.md`; a test compares.
Exit codes are in [exit-codes.md](exit-codes.md). Text for people may change at any time; scripts use `--json`, whose
[documents](#documents) name their schema and its version in `schema`.
"""
DOCUMENTS = """
## Documents

Each has its JSON Schema; a new version gets a new number.

| `schema` | what it is |
| --- | --- |
"""


def markdown() -> str:
    """The page: one section a command, in the order of the help."""
    context = click.Context(cli, info_name="veracity", terminal_width=WIDTH, max_content_width=WIDTH)
    return HEADER + "".join(_sections(cli, context)) + DOCUMENTS + "".join(_documents())


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"\n## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _sections(inner, click.Context(inner, context, info_name=name))


def _documents() -> Iterator[str]:
    for path in sorted(OUTPUT.iterdir()):
        described = json.loads(path.read_bytes())
        name = described["properties"]["schema"]["const"]
        yield f"| [`{name}`](../schemas/output/{path.name}) | {described['description']} |\n"


if __name__ == "__main__":
    click.echo(markdown(), nl=False)
