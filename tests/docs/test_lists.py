"""The documentation is whole: its links lead somewhere, its lists name everything that there is and nothing else."""

import re
from pathlib import Path

import click
import pytest
from tests.docs.pages import CHECKOUT

from veracity.app.cli.main import cli

DOCS = CHECKOUT / "docs"
LINK = re.compile(r"\]\(([^)#:]+)(?:#([^)]*))?\)")


@pytest.mark.parametrize(
    "page",
    [CHECKOUT / "README.md", *sorted(DOCS.rglob("*.md"))],
    ids=lambda path: str(path.relative_to(CHECKOUT)),
)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        found = page.parent / target
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """The names that a page's headings have as links."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_index_of_decisions_has_each_of_them_with_its_title() -> None:
    folder = DOCS / "decisions"
    listed = re.findall(
        r"^- \[(\d{4})\]\((.+)\) (.+)$", (folder / "README.md").read_text("utf-8"), re.MULTILINE
    )
    there = []
    for path in sorted(folder.glob("0*.md")):
        head = path.read_text(encoding="utf-8").splitlines()[0]
        there.append((path.name[:4], path.name, head.removeprefix(f"# {path.name[:4]}. ")))
    assert listed == there


def test_the_readme_names_commands_that_exist() -> None:
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    table = text.partition("| for | commands |")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z -]+)`", table)
    assert len(named) > 25
    for words in named:
        command: click.Command | None = cli
        for word in words.split():
            assert isinstance(command, click.Group), words
            command = command.get_command(click.Context(command), word)
        assert command is not None, words
