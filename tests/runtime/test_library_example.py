"""The example of docs/library.md runs as it stands, without the application."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
SAMPLE = CHECKOUT / "data" / "sample" / "binance_spot_BTCUSDT_1m_2023-02.parquet"


def test_the_example_runs_and_imports_nothing_of_the_application() -> None:
    text = (CHECKOUT / "docs" / "library.md").read_text(encoding="utf-8")
    example = text.partition("```python\n")[2].partition("```")[0]
    lines = [line for line in example.splitlines() if line and not line.startswith("from ")]
    assert len(lines) <= 10
    program = (
        f"from pathlib import Path\nSAMPLE = Path({str(SAMPLE)!r})\n{example}\n"
        "import sys\nprint([name for name in sys.modules if name.startswith('veracity.app')])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    printed, application = done.stdout.splitlines()
    fills, cash = map(int, printed.split())
    assert application == "[]"
    assert fills % 2 == 0  # closed at the end: as many sells as buys
    assert fills >= 2
    assert 90_000 * 10**8 < cash < 110_000 * 10**8
