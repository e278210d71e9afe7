import pytest

from veracity_trace.evidence.settings import read_settings


def test_without_a_word_a_claim_needs_the_strictest_level(tmp_path):
    assert read_settings(tmp_path).claim_level == 5


@pytest.mark.parametrize("level", [3, 4, 5])
def test_a_project_says_what_a_claim_needs(tmp_path, level):
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.veracity-trace]\nclaim-level = {level}\n", encoding="utf-8"
    )
    assert read_settings(tmp_path).claim_level == level
