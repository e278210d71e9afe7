"""Runs the worked study from its configs and writes docs/study/results.md and results.json: `make study`.

Every number of the page comes from a file that the commands wrote; nothing is typed in by hand.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RUNS = ROOT / "build" / "study"


class Study(NamedTuple):
    """One config, the grid that is searched, and its windows in bars."""

    config: str
    grid: tuple[str, ...]
    train: str
    test: str


STUDIES = (
    Study("carry_btc", ("entry=0.00005,0.0001,0.0002", "exit=0,0.00002"), "240", "60"),
    Study("carry_eth", ("entry=0.00005,0.0001,0.0002", "exit=0,0.00002"), "240", "60"),
    Study("momentum_btc", ("fast=12,24,48", "slow=96,120,240"), "90d", "30d"),
    Study("momentum_eth", ("fast=12,24,48", "slow=96,120,240"), "90d", "30d"),
    Study("reversion_btc", ("length=12,24,48", "entry_z=2,3"), "90d", "30d"),
    Study("reversion_eth", ("length=12,24,48", "entry_z=2,3"), "90d", "30d"),
)


def veracity(*words: str, may_find: bool = False) -> dict[str, Any]:
    """The JSON of one command; a finding (exit code 5) is an answer too where it `may_find`."""
    command = [sys.executable, "-m", "veracity.app.cli", *words, "--run-dir", str(RUNS), "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in ((0, 5) if may_find else (0,)):
        raise SystemExit(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def evaluate(study: Study) -> dict[str, Any]:
    """Backtest, walk-forward, stress and score of one config."""
    config = str(HERE / f"{study.config}.toml")
    run = veracity("backtest", "-c", config)
    grid = [word for axis in study.grid for word in ("--grid", axis)]
    windows = ("--train", study.train, "--test", study.test, "--cpcv", "6,2")
    walked = veracity("walkforward", "-c", config, *grid, *windows)["walkforward"]
    stress = veracity("stress", "-c", config, may_find=True)["stress"]
    reality = veracity("report", run["run_dir"], "--cuts", "25")["reality"]
    (own,) = run["summary"]["strategies"]
    return {
        "name": study.config,
        "period": [run["summary"]["period"]["first"], run["summary"]["period"]["last"]],
        "bars": run["summary"]["period"]["bars"],
        "net": own["pnl"]["net"]["text"],
        "gross": own["pnl"]["gross"]["text"],
        "fees": own["pnl"]["fees"]["text"],
        "funding": own["pnl"]["funding"]["text"],
        "costs": own["pnl"]["costs"]["text"],
        "max_drawdown": own["drawdown"]["max_drawdown"]["value"],
        "trades": own["trades"]["closed"] + own["trades"]["open"],
        "baselines": {
            one["name"]: None if one["net"] is None else one["net"]["text"]
            for one in run["summary"]["baselines"] or ()
        },
        "folds": len(walked["folds"]),
        "folds_positive": walked["joined"]["folds_positive"],
        "test_net": walked["joined"]["net"]["text"],
        "sharpe_train": walked["joined"]["train_sharpe_annual"]["value"],
        "sharpe_test": walked["joined"]["sharpe_annual"]["value"],
        "trials": walked["statistics"]["trials"],
        "dsr": walked["statistics"]["dsr"]["value"],
        "pbo": walked["statistics"]["pbo"]["value"],
        "spa": walked["statistics"]["spa_consistent"]["value"],
        "years": walked["statistics"]["years"]["value"],
        "years_needed": walked["statistics"]["min_backtest_years"]["value"],
        "verdict": walked["statistics"]["verdict"],
        "survived": [stress["survived"], stress["required"]],
        "lost": [one["name"] for one in stress["scenarios"] if one["verdict"] in ("edge_lost", "refused")],
        "score": reality["score"],
        "components": {one["name"]: one["contribution"] / 1e9 for one in reality["components"]},
    }


def page(rows: list[dict[str, Any]]) -> str:
    """The tables, in Markdown."""
    parts = [
        "# What came out\n\nWritten by `make study` from the configs beside this page; amounts are USDT, on 100,000 of cash.\n",
        "## After all costs\n",
        table(
            (
                "",
                "bars",
                "gross",
                "costs",
                "fees",
                "funding",
                "net",
                "max drawdown",
                "trades",
                "buy and hold",
            ),
            [
                (
                    row["name"],
                    f"{row['bars']:,}",
                    *(money(row[name]) for name in ("gross", "costs", "fees", "funding", "net")),
                    f"{100 * row['max_drawdown']:.2f} %",
                    str(row["trades"]),
                    money(row["baselines"].get("buy_and_hold")),
                )
                for row in rows
            ],
        ),
        "## On bars that the choice had not seen\n",
        table(
            ("", "folds won", "net of the folds", "Sharpe on train", "Sharpe on test"),
            [
                (
                    row["name"],
                    f"{row['folds_positive']} of {row['folds']}",
                    money(row["test_net"]),
                    number(row["sharpe_train"]),
                    number(row["sharpe_test"]),
                )
                for row in rows
            ],
        ),
        "## How far to believe it\n",
        table(
            ("", "trials on the data", "years", "years needed", "deflated Sharpe", "PBO", "SPA p", "verdict"),
            [
                (
                    row["name"],
                    str(row["trials"]),
                    number(row["years"]),
                    number(row["years_needed"]),
                    number(row["dsr"]),
                    number(row["pbo"]),
                    number(row["spa"]),
                    row["verdict"],
                )
                for row in rows
            ],
        ),
        "## Stress and reality score\n",
        table(
            ("", "required scenarios survived", "lost", "reality score"),
            [
                (
                    row["name"],
                    f"{row['survived'][0]} of {row['survived'][1]}",
                    ", ".join(row["lost"]) or "none",
                    f"{row['score']} of 100",
                )
                for row in rows
            ],
        ),
    ]
    return "\n".join(parts)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def money(text: str | None) -> str:
    """Two decimals; a dash where it is not known."""
    return "-" if text is None else f"{float(text):+,.2f}"


def number(value: float | None) -> str:
    """Two decimals; `unknown` where there is none."""
    return "unknown" if value is None else f"{value:.2f}"


def main() -> None:
    """Run everything, one config after the other."""
    rows = []
    for study in STUDIES:
        sys.stderr.write(f"study: {study.config}\n")
        rows.append(evaluate(study))
    (HERE / "results.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    (HERE / "results.md").write_text(page(rows), encoding="utf-8")
    sys.stderr.write(f"study: {HERE / 'results.md'}; pages with charts in {RUNS / 'reports'}\n")


if __name__ == "__main__":
    main()
