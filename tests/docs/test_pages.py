"""The documentation does what it says: its commands run, and print what it shows."""

from pathlib import Path

import pytest
from tests.docs.pages import CHECKOUT, agrees, commands, perform

PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs" / "tutorials").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    asked, said = commands(text), perform(text, tmp_path)
    assert asked
    assert len(said) == len(asked)
    for command, answer in zip(asked, said, strict=True):
        assert answer.code == 0, f"$ {command.line}\n{answer.output}"
        assert agrees(command.expected, answer.output), f"$ {command.line}\n{answer.output}"


def test_how_far_a_slow_command_was_is_no_part_of_what_it_prints(tmp_path: Path) -> None:
    page = "```console\n$ echo one; echo 'lookahead: 60 % (43 of 71), about 7 s left'; echo two\n```\n"
    (said,) = perform(page, tmp_path)
    assert said.output == "one\ntwo\n"


def test_a_page_that_shows_something_else_is_noticed(tmp_path: Path) -> None:
    page = "```text file=a.txt\none\ntwo\n```\n\n```console\n$ cat a.txt\none\n...\n$ false || echo $?\n1\n$ exit 3\n```\n"
    first, second, third = commands(page)
    said = perform(page.replace("exit 3", "(exit 3)"), tmp_path)
    assert [(one.output, one.code) for one in said] == [("one\ntwo\n", 0), ("1\n", 0), ("", 3)]
    assert agrees(first.expected, said[0].output)
    assert not agrees(first.expected, "two\n")
    assert not agrees(second.expected, "2\n")
    assert third.expected == ""
