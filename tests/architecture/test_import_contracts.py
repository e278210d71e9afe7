"""The import contracts of .importlinter hold, break when they should, and their exceptions do not grow."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.architecture.sources import PRODUCT, ROOT

CONFIG = ROOT / ".importlinter"
CONTRACTS = {
    "layers": "Every room has its layer, and imports only what is below it",
    "pure": "Pure rooms touch no disk, network, clock, randomness or process",
    "guards": "Guards do not know each other",
    "strategies": "Strategies do not know each other",
    "door": "Only veracity.domain opens the generated package",
    "tools": "The product knows neither its generator nor its tracer, and they do not know the product",
    "generated": "What is generated imports nothing of ours",
}
# Single edges that a contract lets pass. Lines with a `*` are part of what the contract says. May only get fewer.
EXCEPTIONS_MAX = {"pure": 1, "door": 2}

# File -> line that breaks a contract there, and the edge by which the linter must name it.
SABOTAGE = {
    "src/veracity/journal/writer.py": ("layers", "veracity.forensics.files", "veracity.journal.writer"),
    "src/veracity/state/model.py": ("layers", "veracity.engine.draft", "veracity.state.model"),
    "src/veracity/engine/core.py": ("pure", "os", "veracity.engine.core"),
    "src/veracity/guards/cooldown.py": ("guards", "veracity.guards.daily_loss", "veracity.guards.cooldown"),
    "src/veracity/strategies/momentum.py": ("strategies", "veracity.strategies.no_trade", "veracity.strategies.momentum"),
    "src/veracity/research/metrics.py": ("door", "veracity_generated.events", "veracity.research.metrics"),
    "src/veracity_trace/ids.py": ("tools", "veracity.domain.ids", "veracity_trace.ids"),
    "generated/veracity_generated/base.py": ("generated", "veracity.domain.ids", "veracity_generated.base"),
}  # fmt: skip


def lint(root: Path) -> tuple[int, str]:
    """Exit code and words of the linter in a checkout."""
    path = os.pathsep.join((str(root / "src"), str(root / "generated")))
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", command],
        cwd=root,
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout to be sabotaged."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("src", "generated"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CONFIG, root)
    return root


def contracts() -> dict[str, configparser.SectionProxy]:
    """The contracts of the config by their short names."""
    config = configparser.ConfigParser()
    config.read(CONFIG, encoding="utf-8")
    return {name.rpartition(":")[2]: config[name] for name in config.sections() if ":contract:" in name}


def test_every_contract_is_kept() -> None:
    code, words = lint(ROOT)
    assert code == 0, words
    assert [name for name in CONTRACTS.values() if f"{name} KEPT" not in words] == []
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in words


def test_every_contract_breaks_on_an_import_that_it_forbids(copy: Path) -> None:
    for file, (_, imported, _) in SABOTAGE.items():
        with (copy / file).open("a", encoding="utf-8") as source:
            source.write(f"\nimport {imported}\n")
    code, words = lint(copy)
    assert code == 1
    for contract, imported, importer in SABOTAGE.values():
        assert f"{CONTRACTS[contract]} BROKEN" in words
        assert f"{importer} -> {imported} " in words
    assert {contract for contract, _, _ in SABOTAGE.values()} == set(CONTRACTS)


def test_a_room_without_a_place_in_the_layers_is_refused(copy: Path) -> None:
    room = copy / "src/veracity/attic"
    room.mkdir()
    (room / "__init__.py").write_text('"""A room that nobody placed."""\n', encoding="utf-8")
    code, words = lint(copy)
    assert code == 1
    assert "attic" in words
    assert f"{CONTRACTS['layers']} BROKEN" in words


def test_the_contracts_speak_of_every_room_that_there_is() -> None:
    rooms = {path.parent.name for path in PRODUCT.glob("*/__init__.py")}
    found = contracts()
    layered = set(re.findall(r"[a-z]+", found["layers"]["layers"]))
    assert rooms <= layered
    closed = set(re.findall(r"veracity\.([a-z]+)", found["door"]["source_modules"]))
    assert closed == rooms - {"domain"}


def test_the_exceptions_do_not_grow() -> None:
    single = {
        name: [
            line
            for line in contract.get("ignore_imports", "").splitlines()
            if "->" in line and "*" not in line
        ]
        for name, contract in contracts().items()
    }
    assert {name: len(lines) for name, lines in single.items() if lines} == EXCEPTIONS_MAX
