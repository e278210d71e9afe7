"""One config with many values: what an override cannot reach is checked once.

Nothing in a config depends on the parameters of a strategy or on the seed of the run but themselves. So a variant that sets only
those takes everything else from the config that was checked whole, and is the config that a check of all would have made. What
sets anything else, and what is refused, is checked whole, so that all that is wrong is told together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from veracity.app.config import LoadedConfig, hashed_values, validate_at_boot
from veracity.app.config_findings import Findings
from veracity.app.config_lines import Path
from veracity.app.config_overrides import apply_overrides
from veracity.app.config_strategies import StrategySetup, with_params
from veracity.app.config_text import Document
from veracity.app.config_values import canonical
from veracity.domain.canonical import canonical_hash
from veracity.domain.config_models import RunConfig
from veracity.domain.errors import OperatorFault

SEED: Path = ("run", "seed")


class Variants:
    """The variants of a document's config."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._base: LoadedConfig | None = None
        self._hashed: Mapping[str, Any] = {}
        try:
            self._base = validate_at_boot(document, "backtest")
            self._hashed = hashed_values(self._base.resolved)
        except OperatorFault:  # an override may mend it
            pass

    def of(self, overrides: Sequence[str]) -> LoadedConfig:
        """The config with these `key=value`s set; raises OperatorFaults with all that is wrong with it then."""
        if not overrides and self._base is not None:
            return self._base
        document = self._document.copy()
        paths = apply_overrides(document, overrides)
        quick = None if self._base is None else self._quick(self._base, document, paths)
        return validate_at_boot(document, "backtest") if quick is None else quick

    def _quick(self, base: LoadedConfig, document: Document, paths: Iterable[Path]) -> LoadedConfig | None:
        """The variant, where the paths lead to parameters and the seed alone and nothing is wrong with them."""
        strategies = {path[1] for path in paths if path != SEED and _is_parameter(path)}
        if not all(path == SEED or _is_parameter(path) for path in paths):
            return None
        setups, findings = list(base.strategies), Findings(document)
        for number in strategies:
            assert isinstance(number, int), number
            made = _changed(base, number, document, findings)
            if made is None:
                return None
            setups[number] = made
        run = base.run if SEED not in paths else _run(document)
        if run is None or findings.faults:
            return None
        return self._made(base, document, run, setups)

    def _made(
        self, base: LoadedConfig, document: Document, run: RunConfig, setups: Sequence[StrategySetup]
    ) -> LoadedConfig:
        params = [dict(setup.settings) for setup in setups]
        resolved, hashed = dict(base.resolved), dict(self._hashed)
        if run is not base.run:
            resolved["run"] = run.model_dump()
            hashed["run"] = canonical(resolved["run"])
        resolved["strategies"] = tuple(
            one | {"params": own} for one, own in zip(resolved["strategies"], params, strict=True)
        )
        hashed["strategies"] = [
            one | {"params": canonical(own)} for one, own in zip(hashed["strategies"], params, strict=True)
        ]
        return replace(
            base,
            run=run,
            strategies=tuple(setups),
            resolved=resolved,
            config_hash=canonical_hash(hashed),
            document=document,
        )


def _is_parameter(path: Path) -> bool:
    return len(path) == 4 and path[0] == "strategies" and path[2] == "params"


def _changed(base: LoadedConfig, number: int, document: Document, findings: Findings) -> StrategySetup | None:
    """The strategy of that number with the document's parameters."""
    setup = base.strategies[number]
    lead = next(one for one in base.instruments if one.symbol == setup.bound.lead)
    written = document.values["strategies"][number]["params"]
    return with_params(setup, written, lead, ("strategies", number), findings)


def _run(document: Document) -> RunConfig | None:
    """The document's run; None where the schema refuses it."""
    try:
        return RunConfig.model_validate(document.values["run"], strict=True)
    except ValidationError:
        return None
