"""The limits of a config, how they relate, and the order of the rules (specs/risk/rulebook.md)."""

from pathlib import Path

import pytest
from tests.app.configs import GOOD, loaded, refused

from veracity.domain.policies import RULEBOOK
from veracity.guards.view import VolatilityLimits

SECOND = 10**9
WRONG = ("order_rate", "stale_s", "volatility", "aux_ttl_s")
RISK = """[strategies.risk]
daily_loss = 0.02
daily_loss_remedy = "close"
drawdown = 0.1
order_rate = 5
order_rate_s = 60
stale_s = 60
price_jump = 0.2
price_band = 0.05
slippage = 0.005
volatility = { window = 60, pause = 0.004, resume = 0.002, dwell = 30 }
"""


def test_every_limit_becomes_a_whole_number(tmp_path: Path) -> None:
    limits = loaded(tmp_path, GOOD + RISK).strategies[0].bound.limits
    assert (limits.daily_loss, limits.daily_loss_remedy, limits.drawdown) == (20_000_000, "close", 10**8)
    assert (limits.order_rate, limits.order_rate_ns, limits.stale_ns) == (5, 60 * SECOND, 60 * SECOND)
    assert (limits.price_jump, limits.price_band, limits.slippage) == (2 * 10**8, 5 * 10**7, 5_000_000)
    assert limits.volatility == VolatilityLimits(60, 4_000_000, 2_000_000, 30)


def test_limits_that_do_not_go_together_are_told_all_at_once_each_at_its_line(tmp_path: Path) -> None:
    risk = RISK.replace("order_rate_s = 60\n", "").replace("stale_s = 60", "stale_s = 59")
    risk = risk.replace("resume = 0.002", "resume = 0.0041") + "aux_ttl_s = { funding_rate = 10 }\n"
    text = GOOD + risk
    faults = refused(tmp_path, text)
    lines = [text.splitlines().index(line) + 1 for line in text.splitlines() if line.split(" ")[0] in WRONG]
    assert [fault.where for fault in faults] == [f"run.toml:{line}" for line in lines]
    assert [fault.what.split(": ")[0] for fault in faults] == [
        "strategies[0].risk.order_rate",
        "strategies[0].risk.stale_s",
        "strategies[0].risk.volatility.resume",
        "strategies[0].risk.aux_ttl_s.funding_rate",
    ]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ('dry_run = ["kill_file"]', "kill_file cannot be in dry run"),
        ('dry_run = ["safe_mode"]', "safe_mode cannot be in dry run"),
        ('dry_run = ["volatility"]', "no rule volatility"),
    ],
)
def test_what_cannot_be_rehearsed_is_refused(tmp_path: Path, rules: str, told: str) -> None:
    assert [told in str(fault) for fault in refused(tmp_path, f"[risk]\n{rules}\n" + GOOD)] == [True]


def reordered(*rules: str) -> str:
    return f"[risk]\norder = [{', '.join(repr(rule) for rule in rules)}]\n"


@pytest.mark.ticket("T-280")
def test_a_config_may_give_the_rules_another_order_and_drop_none(tmp_path: Path) -> None:
    rest = [rule for rule in RULEBOOK if rule != "daily_loss"]
    moved = [*rest[:2], "daily_loss", *rest[2:]]
    assert [guard.rule for guard in loaded(tmp_path, reordered(*moved) + GOOD).guards()] == moved
    assert [guard.rule for guard in loaded(tmp_path, GOOD).guards()] == list(RULEBOOK)
    for wrong in (rest, [*moved, "daily_loss"], [moved[2], *moved[:2], *moved[3:]], [*rest, "luck"]):
        faults = refused(tmp_path, reordered(*wrong) + GOOD)
        assert {fault.where for fault in faults} == {"run.toml:2"}, wrong
        assert all("risk.order" in str(fault) for fault in faults)
