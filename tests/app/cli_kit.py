"""Runs the command line in this process and tells what came out of it."""

import json
from typing import Any, NamedTuple

from click.testing import CliRunner
from tests.kit.schemas import refuse_undescribed

from veracity.app.cli.main import cli


class Said(NamedTuple):
    """One command's exit code and its two streams."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout, which is what the schema that it names says."""
        content = json.loads(self.out)
        assert isinstance(content, dict)
        refuse_undescribed(content)
        return content


def veracity(*words: object, env: dict[str, str] | None = None) -> Said:
    """What `veracity *words` says."""
    done = CliRunner().invoke(cli, [str(word) for word in words], env=env)
    return Said(done.exit_code, done.stdout, done.stderr)


def shape(value: Any) -> Any:
    """The keys and types of a JSON document; a list has the shape of its first element."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__
