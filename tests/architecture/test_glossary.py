"""One word, one meaning: specs/glossary.yaml against every name and every sentence that a user meets."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from veracity.app.cli.main import cli

ROOT = Path(__file__).parents[2]
TERMS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "specs/glossary.yaml").read_text(encoding="utf-8"))[
    "terms"
]
INSTEAD = {word: term for term, entry in TERMS.items() for word in entry["not"]}


def stands_in(word: str, text: str) -> bool:
    """Whether `text`, a name or a sentence, has the word, also in the plural."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text).replace("_", " ").replace("-", " ")
    return re.search(rf"\b{re.escape(word)}s?\b", spaced.lower()) is not None


def of_documents() -> Iterator[tuple[str, str]]:
    """Names, titles and descriptions of the schemas and of the machines."""
    files = [*ROOT.glob("schemas/**/*.json"), *ROOT.glob("specs/machines/*.yaml")]
    for path in sorted(files):
        where = path.relative_to(ROOT).as_posix()
        yield from ((where, text) for text in _told(yaml.safe_load(path.read_text(encoding="utf-8"))))


def _told(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("properties", "states", "events") and isinstance(value, dict):
                yield from value
            elif key in ("title", "description", "const", "record") and isinstance(value, str):
                yield value
            yield from _told(value)
    elif isinstance(node, list):
        for value in node:
            yield from _told(value)


def of_code() -> Iterator[tuple[str, str]]:
    """Names of the product's classes and functions."""
    for path in sorted(ROOT.glob("src/veracity/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                yield path.relative_to(ROOT).as_posix(), node.name


def of_commands(command: click.Command = cli, name: str = "veracity") -> Iterator[tuple[str, str]]:
    """Names of commands and options, and what their help says."""
    yield name, name
    yield name, command.help or ""
    for parameter in command.params:
        for text in (*parameter.opts, str(parameter.name), getattr(parameter, "help", None) or ""):
            yield name, text
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from of_commands(below, f"{name} {word}")


SAID = {"documents": list(of_documents()), "code": list(of_code()), "commands": list(of_commands())}


@pytest.mark.parametrize("place", SAID)
def test_no_word_stands_for_what_another_word_means(place: str) -> None:
    """A word that is not used for one thing may name another only where the glossary says which."""
    wrong = [
        f"{where}: {word!r} in {text!r}: say {term}"
        for word, term in INSTEAD.items()
        if word not in TERMS
        for where, text in SAID[place]
        if stands_in(word, text)
    ]
    assert wrong == []
    assert len(SAID[place]) > 100


def test_every_term_is_used() -> None:
    sources = [
        *ROOT.glob("src/veracity/**/*.py"),
        *ROOT.glob("schemas/**/*.json"),
        *ROOT.glob("specs/**/*.md"),
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    words = set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower()))
    assert [term for term in TERMS if not {term, f"{term}s"} & words] == []


def test_a_term_has_one_sentence_and_is_not_what_it_is_not() -> None:
    assert list(TERMS) == sorted(TERMS)
    assert [term for term, entry in TERMS.items() if not entry["means"].endswith(".")] == []
    assert [
        term for term, entry in TERMS.items() if term in entry["not"] or set(entry) != {"means", "not"}
    ] == []


def test_a_word_is_seen_in_every_kind_of_name() -> None:
    for text in ("wallet", "Wallets", "wallet_id", "OldWallet", "the wallet-side", "A wallet."):
        assert stands_in("wallet", text), text
    assert not stands_in("wallet", "swallets")
    assert INSTEAD["wallet"] == "account"
    assert json.dumps(sorted(INSTEAD)).count("candle") == 1
