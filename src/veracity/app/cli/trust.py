"""How far a result may be believed, for people: the same lines below every choice among many."""

from typing import TYPE_CHECKING

from veracity.app.cli.output import note, say

if TYPE_CHECKING:
    from veracity.domain.summary_models import Ratio, Statistics


def print_trust(found: "Statistics") -> None:
    """Trials and what they leave of the best of them, then the verdict and, on stderr, its reasons."""
    say(
        f"trials              {found.trials}; deflated Sharpe {number(found.dsr)}, PBO {number(found.pbo)}, SPA p {number(found.spa_consistent)}"
    )
    say(f"verdict             {found.verdict}")
    for reason in found.reasons:
        note(f"{found.verdict}: {reason}")


def number(found: "Ratio") -> str:
    """A ratio to two decimals, or why there is none."""
    return f"unknown ({found.reason})" if found.value is None else f"{found.value:.2f}"
