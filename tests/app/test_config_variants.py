"""A config with other parameters is the config that a check of everything makes, and is made without one."""

from typing import Any

import pytest
from tests.app.real_runs import CHECKOUT

from veracity.app import config_variants
from veracity.app.config import validate_at_boot
from veracity.app.config_overrides import apply_overrides
from veracity.app.config_text import Document, read_file
from veracity.app.config_variants import Variants
from veracity.domain.errors import OperatorFault, OperatorFaults

MOMENTUM = "examples/btc_momentum.toml"
CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (MOMENTUM, ("strategies.sma.params.fast=7", "strategies.sma.params.slow=9")),
    (MOMENTUM, ("run.seed=41",)),
    (MOMENTUM, ("run.seed=0x10", "strategies.sma.params.qty=0.25")),
    (MOMENTUM, ("strategies[0].params.fast=7",)),
    ("examples/btc_funding_carry.toml", ("run.seed=2", "strategies[0].params.entry=0.0009")),
    ("examples/btc_regime_switch.toml", ("strategies[0].params.fast=3",)),
    ("examples/usdc_depeg_mean_reversion.toml", ("strategies[0].params.entry_z=2.5",)),
    ("examples/every_limit.toml", ("strategies[0].params.fast=8",)),
    ("examples/two_strategies.toml", ("strategies[1].params.length=100", "strategies[0].params.qty=0.02")),
    ("docs/study/reversion_btc.toml", ("strategies[0].params.length=30",)),
)
ELSEWHERE = (
    "costs.fee_taker=0.0007",
    "strategies.sma.cash=5000",
    "run.label=x",
    "strategies.sma.exits.stop_loss=0.02",
    "report.baselines=false",
)
WRONG = (
    ("strategies.sma.params.fast=1500",),
    ("strategies.sma.params.fast=x", "strategies.sma.params.slow=1.5"),
    ("strategies.sma.params.fsat=3",),
    ("run.seed=-1",),
    ("run.seed=-1", "strategies.sma.params.fast=0"),
    ("strategies.sma.params.qty=0.000001",),
)


def whole(document: Document, overrides: tuple[str, ...]) -> Any:
    """The config, or all that is wrong with it, checked from its first line to its last."""
    changed = document.copy()
    apply_overrides(changed, overrides)
    return outcome(lambda: validate_at_boot(changed, "backtest"))


def outcome(make: Any) -> Any:
    try:
        return make()
    except OperatorFaults as error:
        return [str(fault) for fault in error.faults]
    except OperatorFault as error:
        return str(error)


def document_of(name: str) -> Document:
    return read_file(CHECKOUT / name)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with every check of a whole config."""
    checks: list[int] = []

    def count(*words: Any) -> Any:
        checks.append(1)
        return validate_at_boot(*words)

    monkeypatch.setattr(config_variants, "validate_at_boot", count)
    return checks


@pytest.mark.parametrize(("name", "overrides"), CASES, ids=[" ".join(words) for _, words in CASES])
def test_a_variant_is_the_config_that_a_check_of_everything_makes(
    name: str, overrides: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, checks = document_of(name), counted(monkeypatch)
    variants = Variants(document)
    made = variants.of(overrides)
    assert made == whole(document, overrides)
    assert made.config_hash != variants.of(()).config_hash
    assert made.resolved_toml() == whole(document, overrides).resolved_toml()
    assert len(checks) == 1


def test_exits_stay_around_a_strategy_with_other_parameters() -> None:
    document = document_of(MOMENTUM)
    apply_overrides(document, ["strategies.sma.exits.stop_loss=0.02"])
    made = Variants(document).of(("strategies.sma.params.fast=7",))
    assert made == whole(document, ("strategies.sma.params.fast=7",))
    assert made.bound_strategies()[0].params.terms.stop == 20_000


@pytest.mark.parametrize("override", ELSEWHERE)
def test_what_reaches_further_is_checked_whole(override: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document, checks = document_of(MOMENTUM), counted(monkeypatch)
    assert Variants(document).of((override, "strategies.sma.params.fast=7")) == whole(
        document, (override, "strategies.sma.params.fast=7")
    )
    assert len(checks) == 2


@pytest.mark.parametrize("overrides", WRONG)
def test_what_is_wrong_is_told_as_it_always_was(overrides: tuple[str, ...]) -> None:
    document = document_of(MOMENTUM)
    told = outcome(lambda: Variants(document).of(overrides))
    assert isinstance(told, list)
    assert told == whole(document, overrides)


def test_an_override_may_mend_a_config_that_cannot_run_by_itself() -> None:
    document = document_of(MOMENTUM)
    apply_overrides(document, ["strategies.sma.params.fast=9999"])
    variants = Variants(document)
    assert variants.of(("strategies.sma.params.fast=7",)).strategies[0].settings["fast"] == 7
    with pytest.raises(OperatorFaults, match="must be below slow"):
        variants.of(())


def test_variants_leave_each_other_and_the_first_config_alone() -> None:
    document = document_of(MOMENTUM)
    variants = Variants(document)
    before = whole(document, ())
    variants.of(("strategies.sma.params.fast=7", "run.seed=3"))
    assert variants.of(("run.seed=4",)) == whole(document, ("run.seed=4",))
    assert variants.of(()) == before
