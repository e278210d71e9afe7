"""Collects what is wrong with a config, so that all of it is told at once, and makes exact units on the way."""

from decimal import Decimal

from veracity.app.config_lines import Path
from veracity.app.config_text import Document
from veracity.domain.amounts import units_exact
from veracity.domain.errors import OperatorFault, OperatorFaults


class Findings:
    """The faults of one document so far."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[OperatorFault] = list(document.faults)

    def add(self, path: Path, problem: str, why: str = "", hint: str = "") -> None:
        """Keep a fault at `path`."""
        self.faults.append(self.document.fault(path, problem, why, hint))

    def units(self, path: Path, value: Decimal, scale: int, scale_name: str = "") -> int:
        """`value` in units of 10^-scale; 0 and a fault where it is not exact, as a run is not made from it then."""
        try:
            return units_exact(value, scale)
        except ValueError as error:
            hint = f"{scale_name} says how many decimals there are" if scale_name else ""
            self.add(path, "cannot be used", str(error), hint)
            return 0

    def units_or_none(self, path: Path, value: Decimal | None, scale: int) -> int | None:
        """The same for a value that may be absent."""
        return None if value is None else self.units(path, value, scale)

    def raise_if_any(self) -> None:
        """Raise OperatorFaults with every fault, in the order of the lines that they are in."""
        if self.faults:
            raise OperatorFaults.of(sorted(self.faults, key=_line))


def _line(fault: OperatorFault) -> int:
    line = fault.where.rpartition(":")[2]
    return int(line) if line.isdigit() else 0
