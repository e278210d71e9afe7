"""What a proof prints: a table for people, JSON for programs, and exit code 5 where an expectation does not hold."""

import argparse
import json
import sys
from typing import Any, Final

from veracity import __version__

SCHEMA: Final = "veracity.proofs/1"
FINDING: Final = 5


class Proof:
    """One table, and the numbers in it that must be as expected."""

    def __init__(self, title: str, columns: tuple[str, ...]) -> None:
        self.title = title
        self.columns = columns
        self.rows: list[tuple[Any, ...]] = []
        self.expectations: list[tuple[str, Any, Any]] = []
        self.skipped = ""  # why nothing was proven

    def row(self, *cells: Any) -> None:
        """Add a row."""
        assert len(cells) == len(self.columns), (cells, self.columns)
        self.rows.append(cells)

    def expect(self, what: str, found: Any, wanted: Any) -> None:
        """Say what must be so."""
        self.expectations.append((what, found, wanted))

    @property
    def failures(self) -> list[str]:
        """What is not as expected."""
        return [
            f"{what}: {found}, wanted {wanted}"
            for what, found, wanted in self.expectations
            if found != wanted
        ]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "holds": not self.failures and not self.skipped,
            "failures": self.failures,
            "skipped": self.skipped,
        }

    def text(self) -> str:
        """For people."""
        cells = [self.columns, *([_text(cell) for cell in row] for row in self.rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(self.columns))]
        lines = [f"\n{self.title}"]
        for number, line in enumerate(cells):
            pairs = zip(line, widths, self.rows[0] if self.rows else self.columns, strict=True)
            lines.append("  " + "  ".join(_set(cell, width, like) for cell, width, like in pairs).rstrip())
            if number == 0:
                lines.append("  " + "  ".join("-" * width for width in widths))
        verdict = f"not run: {self.skipped}" if self.skipped else "holds"
        lines += [f"  DOES NOT HOLD: {failure}" for failure in self.failures] or [f"  {verdict}"]
        return "\n".join(lines)


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _set(text: str, width: int, like: Any) -> str:
    return text.ljust(width) if isinstance(like, str) else text.rjust(width)


def options(description: str | None) -> argparse.ArgumentParser:
    """A parser with the option that every proof has."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def report(proofs: list[Proof], *, as_json: bool) -> None:
    """Print, and exit with 5 where something does not hold."""
    if as_json:
        document = {"schema": SCHEMA, "version": __version__, "proofs": [proof.as_dict() for proof in proofs]}
        print(json.dumps(document, indent=2, default=str))
    else:
        print("\n".join(proof.text() for proof in proofs))
    if any(proof.failures for proof in proofs):
        sys.exit(FINDING)
