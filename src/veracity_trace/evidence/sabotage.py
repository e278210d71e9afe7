"""A named fault for tickets whose proof is a file or a process: a small diff, or files that lie over a copy of the tree.

`tests/sabotage/NAME.diff` is a unified diff (`git diff` makes it; text above the first `---` says why), and
`tests/sabotage/NAME/` holds files that replace those of the same path. The test has to pass in a copy of the checkout and to
fail by its own assert in a copy with the fault.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from veracity_trace.evidence.evidence import Kill, Proof
from veracity_trace.evidence.fingerprint import digest
from veracity_trace.evidence.patch import DoesNotApply, FilePatch, apply_patches, parse_diff
from veracity_trace.evidence.shadow import SCRATCH, make_shadow, run_tests

Ends: TypeAlias = Mapping[str, Mapping[str, str]]  # nodeid -> outcome and message

FOLDER: Final = Path("tests/sabotage")
_SECONDS: Final = 300.0


class NoSabotage(Exception):
    """There is no such sabotage, or it no longer applies."""


@dataclass(frozen=True, slots=True)
class Sabotage:
    """A fault by name."""

    name: str
    patches: tuple[FilePatch, ...]
    overlay: Path | None
    text: str  # the diff, or the names of the files laid over
    hash: str

    def apply(self, tree: Path) -> None:
        """Break a copy of the checkout. Raises NoSabotage."""
        try:
            if self.patches:
                apply_patches(tree, list(self.patches))
        except DoesNotApply as problem:
            raise NoSabotage(f"sabotage {self.name} no longer applies: {problem}") from None
        if self.overlay is not None:
            shutil.copytree(self.overlay, tree, dirs_exist_ok=True)


def load_sabotage(root: Path, name: str) -> Sabotage:
    """Read a sabotage. Raises NoSabotage."""
    diff, overlay = root / FOLDER / f"{name}.diff", root / FOLDER / name
    if diff.is_file():
        text = diff.read_text(encoding="utf-8")
        try:
            patches = tuple(parse_diff(text))
        except DoesNotApply as problem:
            raise NoSabotage(f"sabotage {name}: {problem}") from None
        return Sabotage(name, patches, None, text.strip(), digest([text]))
    if overlay.is_dir():
        files = sorted(path for path in overlay.rglob("*") if path.is_file())
        names = [path.relative_to(overlay).as_posix() for path in files]
        content = [str(path.read_bytes()) for path in files]
        return Sabotage(name, (), overlay, "files laid over: " + ", ".join(names), digest([*names, *content]))
    raise NoSabotage(f"there is no sabotage {name}: neither {FOLDER}/{name}.diff nor {FOLDER}/{name}/")


def broken_run(root: Path, fault: Sabotage, cases: Sequence[str]) -> Ends:
    """Run tests in a broken copy and return how each ended. Raises NoSabotage."""
    with copied(root) as tree:
        fault.apply(tree)
        return run_tests(tree, cases, _log(root, fault), _SECONDS)


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """Make a copy of the checkout for a while."""
    with tempfile.TemporaryDirectory(prefix="veracity-sabotage-", dir=SCRATCH) as folder:
        yield make_shadow(root, Path(folder).resolve() / "tree")


def _log(root: Path, fault: Sabotage) -> Path:
    return root / "build" / "evidence" / f"sabotage-{fault.name}.log"


def sabotaged(root: Path, fault: Sabotage, tests: Mapping[str, Sequence[str]]) -> dict[str, Proof]:
    """Run tests in a copy, unbroken and then broken. Raises NoSabotage."""
    cases = [case for each in tests.values() for case in each]
    log = _log(root, fault)
    with copied(root) as tree:
        unbroken = run_tests(tree, cases, log.with_suffix(".control.log"), _SECONDS)
        fault.apply(tree)
        broken = run_tests(tree, cases, log, _SECONDS)
    proofs = {}
    for test, mine in tests.items():
        bad = [case for case in mine if unbroken.get(case, {}).get("outcome") != "survived"]
        if bad:
            said = unbroken.get(bad[0], {"outcome": "did not end", "message": ""})
            why = f"does not pass in an unbroken copy: {bad[0]} {said['outcome']} {said['message']}".strip()
            proofs[test] = Proof("unjudged", None, why)
            continue
        proofs[test] = _proof(fault, mine, broken)
    return proofs


def _proof(fault: Sabotage, cases: Sequence[str], ends: Ends) -> Proof:
    killed = next((case for case in cases if ends.get(case, {}).get("outcome") == "killed"), None)
    if killed is None:
        said = sorted({ends.get(case, {}).get("outcome", "did not end") for case in cases})
        message = next((ends[case]["message"] for case in cases if ends.get(case, {}).get("message")), "")
        return Proof(
            "passenger",
            None,
            f"does not fail on sabotage {fault.name} by its own assert: {said} {message}".strip(),
        )
    kill = Kill(
        path="",
        name=fault.name,
        operator="sabotage",
        before="",
        after="",
        nth=0,
        case=killed,
        message=ends[killed]["message"],
        diff=fault.text,
        spread=1,
    )
    return Proof("sabotage", kill, "")
