"""What the model generator complains of is a refusal, not a warning that scrolls by."""

import subprocess

import pytest

from veracity_gen import codegen
from veracity_gen.errors import SourceRefused


@pytest.mark.parametrize("exit_code", [0, 1])
def test_words_of_the_tool_are_a_refusal_whatever_its_exit_code(
    exit_code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = subprocess.CompletedProcess([], exit_code, stdout="", stderr="Unresolved $ref: Side\n")
    monkeypatch.setattr(codegen.subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(SourceRefused) as refusal:
        codegen.models({"events": {}}, "msgspec")
    assert refusal.value.problems == ["datamodel-code-generator, profile msgspec: Unresolved $ref: Side"]


def test_without_documents_the_tool_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(codegen.subprocess, "run")
    assert codegen.models({}, "pydantic") == {}
