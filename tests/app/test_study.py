"""The worked study: its configs can be run, and its page says what its results say."""

import json
from pathlib import Path

import pytest

from veracity.app.config import load

STUDY = Path(__file__).parents[2] / "docs" / "study"
CONFIGS = sorted(STUDY.glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=[path.stem for path in CONFIGS])
def test_every_config_of_the_study_loads(path: Path) -> None:
    loaded = load(path)
    assert len(loaded.strategies) == 1
    assert loaded.costs.fee_taker > 0


def test_the_results_cover_every_config_and_the_page_quotes_them() -> None:
    rows = {row["name"]: row for row in json.loads((STUDY / "results.json").read_bytes())}
    assert sorted(rows) == [path.stem for path in CONFIGS]
    page = (STUDY / "README.md").read_text(encoding="utf-8")
    for name, field in (
        ("carry_btc", "funding"),
        ("carry_btc", "net"),
        ("momentum_btc", "net"),
        ("momentum_btc", "gross"),
        ("reversion_btc", "gross"),
    ):
        assert f"{abs(float(rows[name][field])):,.0f}" in page, (name, field)
    assert {row["verdict"] for row in rows.values()} == {"untrustworthy"}
