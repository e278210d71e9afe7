"""The policy names every finding, and the text names every check of the policy (specs/backtest/data.md, S-085)."""

from pathlib import Path
from typing import get_args

from tests.data.files import bars, source, write_bars

from veracity.data import checks
from veracity.data.dataset import UNCHECKED_ROWS, Source
from veracity.data.findings import CHECK_OF, HINTS, Finding
from veracity.data.quality import inspect
from veracity.domain.policies import DATA_CHECKS

TEXT = Path(__file__).parents[2] / "specs" / "backtest" / "data.md"


def test_every_code_of_a_finding_belongs_to_one_check() -> None:
    assert set(HINTS) == set(CHECK_OF)


def test_the_text_lists_the_checks_in_the_order_of_the_policy_with_their_settings() -> None:
    rows = [
        line.split("|")[1:3]
        for line in TEXT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    table = [(name.split(":")[0].strip().replace(" ", "_"), settings) for name, settings in rows[2:]]
    named = {
        "order_of_stamps": "order",
        "settlements_of_a_perpetual": "settlements",
    }
    assert [named.get(name, name) for name, _ in table] == [check.name for check in DATA_CHECKS]
    for (_, settings), check in zip(table, DATA_CHECKS, strict=True):
        assert [word for word in settings.split("`")[1::2] if not word.startswith("exc")] == list(
            check.settings
        )


def test_the_defaults_of_a_source_are_those_of_the_policy(tmp_path: Path) -> None:
    default = {check.name: check.settings[0] for check in DATA_CHECKS}
    plain: Source = source(tmp_path / "bars.parquet")
    assert (plain.gaps, plain.duplicates, plain.funding_gaps) == (
        default["gaps"],
        default["duplicates"],
        default["settlements"],
    )
    offered = {check.name: set(check.settings) for check in DATA_CHECKS}
    assert set(get_args(checks.GapPolicy)) == offered["gaps"]
    assert set(get_args(checks.DuplicatePolicy)) == offered["duplicates"]
    assert set(get_args(checks.FundingGapPolicy)) == offered["settlements"]
    assert UNCHECKED_ROWS in default


def test_a_finding_says_which_check_it_is_of(tmp_path: Path) -> None:
    path = write_bars(tmp_path / "bars.parquet", bars(5, {2: {"close": "0"}}))
    (finding,) = inspect(path).findings
    assert isinstance(finding, Finding)
    assert (finding.code, finding.check) == ("zero_price", "zero_price")
