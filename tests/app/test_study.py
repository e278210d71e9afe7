"""The worked study: its configs can be run, and its page says what its results say."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from veracity.app.config import load

STUDY = Path(__file__).parents[2] / "docs" / "study"
CONFIGS = sorted(STUDY.glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=[path.stem for path in CONFIGS])
def test_every_config_of_the_study_loads(path: Path) -> None:
    loaded = load(path)
    assert len(loaded.strategies) == 1
    assert loaded.costs.fee_taker > 0


def results() -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads((STUDY / "results.json").read_bytes())}


def test_the_results_cover_every_config() -> None:
    assert sorted(results()) == [path.stem for path in CONFIGS]


def money(text: str) -> str:
    return f"{abs(float(text)):,.0f}"


def test_the_page_says_what_its_results_say() -> None:
    """Every sentence with a number in it is written again from results.json and looked for on the page."""
    rows = results()
    carry, trend, reversion = rows["carry_btc"], rows["momentum_btc"], rows["reversion_btc"]
    survived, required = carry["survived"]
    sentences = [
        f"BTC received {money(carry['funding'])} and kept {money(carry['net'])} after {money(carry['fees'])} of fees, "
        f"with a fall of {100 * carry['max_drawdown']:.2f} % at worst.",
        f"The deflated Sharpe ratio is {carry['dsr']:.2f} and {survived} of {required} required scenarios",
        f"{carry['trials']} trials ask for {carry['years_needed']:.2f} years of data and there are {carry['years']:.2f}",
        f"on unseen bars {carry['folds_positive']} of {carry['folds']} folds won",
        f"{money(trend['net'])} of a gross of {money(trend['gross'])} on BTC",
        f"buying and holding made {money(trend['baselines']['buy_and_hold'])}.",
        f"On unseen bars {trend['folds_positive']} of {trend['folds']} folds won.",
        f"A deflated Sharpe ratio of {trend['dsr']:.2f} (BTC) and {rows['momentum_eth']['dsr']:.2f} (ETH)",
        f"On BTC a gross of {money(reversion['gross'])} becomes a loss of {money(reversion['net'])}: "
        f"{reversion['trades']} round trips pay {money(reversion['fees'])} of fees and {money(reversion['costs'])} of slippage.",
        f"found a Sharpe ratio of {reversion['sharpe_train']:.2f} to choose; on the bars behind them it was "
        f"{reversion['sharpe_test']:.2f}.",
        f"({trend['trials']} become {reversion['trials']})",
        f"The carry's {carry['score']} lacks points",
        f"because {carry['trades']} round trips are a small sample",
    ]
    page = " ".join((STUDY / "README.md").read_text(encoding="utf-8").split())
    assert [sentence for sentence in sentences if sentence not in page] == []
    assert {row["verdict"] for row in rows.values()} == {"untrustworthy"}  # None of the six is trustworthy
    assert float(trend["net"]) < float(trend["baselines"]["buy_and_hold"])  # kept less than holding


def test_the_tables_are_written_from_the_results() -> None:
    """`results.md` is what the script makes of `results.json`, and nobody typed into it."""
    spec = spec_from_file_location("study_run", STUDY / "run.py")
    assert spec is not None
    assert spec.loader is not None
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    written = (STUDY / "results.md").read_text(encoding="utf-8")
    assert script.page(json.loads((STUDY / "results.json").read_bytes())).strip() == written.strip()
