"""Installs peers, each into an environment of its own, gives all the SMA task, and prints what they came to, side by side.

    python -m bench.peers.run [--rounds 3] [--bars 100000] [--only vectorbt ...]     (or: make bench-peers)

The numbers have to agree before any is printed: the fills, and the final equity to a cent (peers count in floats). Contenders
take turns, round after round, so that a busy machine is busy for all; a figure is the median of its rounds. `run` is what the
engine takes, without start, import and load; `first` is the first run in a process, where a compiler is part of it; `cpu` is
processor time. The table goes to stdout, all figures to build/peers/results.json, and the table of docs/benchmarks.md, with the
line above it, to build/peers/results.md.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
PLACE: Final = ROOT / "build" / "peers"
DATA: Final = PLACE / "data"
SEED: Final = 1
CENT: Final = 0.01
LIMIT_S: Final = 900

PEERS: Final = {
    "vectorbt": ("vectorbt==1.2.0", "pandas", "pyarrow"),
    "backtesting": ("backtesting==0.6.6", "pandas", "pyarrow"),
    "backtrader": ("backtrader==1.9.78.123", "pandas", "pyarrow"),
    "nautilus": ("nautilus_trader==1.221.0", "pandas", "pyarrow"),
}
"""What is installed for each; `HERE/<name>_sma.py` is its task."""
OWN: Final = ("event", "kernel")


def main() -> int:
    """Install, run in turns, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bars", type=int, default=100_000)
    parser.add_argument("--only", nargs="*", choices=sorted(PEERS), default=sorted(PEERS))
    arguments = parser.parse_args()
    _make_data()
    commands = {f"veracity {path}": _own(path, arguments.bars) for path in OWN}
    for name in arguments.only:
        python = _installed(name)
        if python is None:
            print(f"{name} cannot be installed here; it is left out", file=sys.stderr)
            continue
        script = str(HERE / f"{name}_sma.py")
        commands[name] = [str(python), script, "--data", str(DATA), "--bars", str(arguments.bars)]
    lines: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for number in range(arguments.rounds):
        turns = list(commands.items())
        for name, command in (
            turns if number % 2 == 0 else reversed(turns)
        ):  # nobody is always measured behind the same
            print(f"round {number + 1} of {arguments.rounds}: {name}", file=sys.stderr)
            lines[name].append(_line(command))
    rows = [_row(name, found) for name, found in lines.items()]
    _refuse_unequal(rows)
    told = {
        "task": "SMA(10) x SMA(50), 0.1 a trade, 5 bp, next open",
        "bars": arguments.bars,
        "rounds": arguments.rounds,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rows": rows,
    }
    (PLACE / "results.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    (PLACE / "results.md").write_text(page_of(told), encoding="utf-8")
    _print(told)
    print(f"as docs/benchmarks.md has it: {PLACE / 'results.md'}", file=sys.stderr)
    return 0


def _make_data() -> None:
    if not (DATA / "bars_1000000.parquet").exists():
        words = ("--out", str(DATA), "--bars", "1000000", "--seed", str(SEED))
        DATA.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, str(ROOT / "bench" / "make_data.py"), *words], check=True)


def _own(path: str, bars: int) -> list[str]:
    script = str(ROOT / "bench" / "sma_cross.py")
    return [sys.executable, script, "--data", str(DATA), "--bars", str(bars), "--path", path]


def _installed(name: str) -> Path | None:
    """The interpreter of the peer's environment, which is made once; None where its packages cannot be had."""
    folder = PLACE / name
    python, done = folder / "bin" / "python", folder / "installed.json"
    if done.exists() and json.loads(done.read_bytes()) == list(PEERS[name]):
        return python
    print(f"installing {PEERS[name][0]}", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS[name]]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode:
        return None
    done.write_text(json.dumps(PEERS[name]), encoding="utf-8")
    return python


def _line(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    line: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return line


def _row(name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    def median(*keys: str) -> float | None:
        values = [line[key] for line in found for key in keys if line.get(key) is not None]
        return statistics.median(values) if values else None

    assert len({(line["fills"], line["final_equity"]) for line in found}) == 1, f"the rounds of {name} differ"
    seconds = median("seconds", "seconds_engine")
    assert seconds is not None
    return {
        "name": name,
        "version": found[0]["version"],
        "seconds": seconds,
        "seconds_cpu": median("seconds_cpu"),
        "seconds_first": median("seconds_first"),
        "bars_per_s": round(found[0]["bars"] / seconds),
        "fills": found[0]["fills"],
        "final_equity": found[0]["final_equity"],
        "peak_rss_mb": median("peak_rss_mb"),
    }


def _refuse_unequal(rows: list[dict[str, Any]]) -> None:
    first = rows[0]
    for row in rows[1:]:
        if row["fills"] != first["fills"] or abs(row["final_equity"] - first["final_equity"]) > CENT:
            sys.exit(f"{row['name']} is not {first['name']}: {row}\n{first}")


def page_of(told: dict[str, Any]) -> str:
    """What docs/benchmarks.md says of a measurement."""
    rounds = "One round" if told["rounds"] == 1 else f"Medians of {told['rounds']} rounds"
    heads = (
        "engine",
        "version",
        "bars a processor second",
        "bars a second",
        "first run s",
        "peak MB",
        "fills",
        "final equity",
    )
    rows = [
        (
            row["name"],
            row["version"],
            f"{told['bars'] / row['seconds_cpu']:,.0f}",
            f"{row['bars_per_s']:,}",
            "" if row["seconds_first"] is None else f"{row['seconds_first']:.1f}",
            f"{row['peak_rss_mb']:.0f}",
            f"{row['fills']:,}",
            f"{row['final_equity']:.4f}",
        )
        for row in _fastest_first(told)
    ]
    lines = [heads, ("---",) * len(heads), *rows]
    said = f"{rounds} on {told['bars']:,} bars, Python {told['python']}, {told['machine']}.\n\n"
    return said + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _fastest_first(told: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(told["rows"], key=lambda row: -float(row["bars_per_s"]))


def _print(told: dict[str, Any]) -> None:
    table = Table(title=f"{told['task']}; {told['bars']:,} bars, median of {told['rounds']}")
    for head in (
        "engine",
        "version",
        "bars/s",
        "run s",
        "cpu s",
        "first s",
        "fills",
        "final equity",
        "peak MB",
    ):
        table.add_column(head, justify="left" if head in ("engine", "version") else "right")
    for row in _fastest_first(told):
        first = "" if row["seconds_first"] is None else f"{row['seconds_first']:.1f}"
        cells = (f"{row['bars_per_s']:,}", f"{row['seconds']:.4f}", f"{row['seconds_cpu']:.4f}", first)
        table.add_row(
            row["name"],
            row["version"],
            *cells,
            str(row["fills"]),
            f"{row['final_equity']:.4f}",
            f"{row['peak_rss_mb']:.0f}",
        )
    Console(width=118).print(table)


if __name__ == "__main__":
    sys.exit(main())
