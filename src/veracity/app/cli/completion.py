"""`veracity completion SHELL`: the script that makes TAB work."""

from typing import Final

import click
from click.shell_completion import get_completion_class

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import emit, say

SHELLS: Final = ("bash", "zsh", "fish")
VARIABLE: Final = "_VERACITY_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@common_options
def completion(shell: str) -> None:
    """Print the completion script of SHELL.

    For bash: eval "$(veracity completion bash)" in ~/.bashrc.
    """
    made = get_completion_class(shell)
    assert made is not None
    complete = made(click.get_current_context().find_root().command, {}, "veracity", VARIABLE)
    script = complete.source_template % complete.source_vars()
    if settings().json:
        emit("veracity.completion/1", {"shell": shell, "script": script})
    else:
        say(script)
