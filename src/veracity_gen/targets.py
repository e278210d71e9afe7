"""What is generated: one line for each kind of target. A new kind is a module and its line here."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from veracity_gen import documents, machines, package, policies, polish, records, schema_lint, trace_ids

# Each takes the root of a checkout and gives files by path in the package.
TARGETS: Final[dict[str, Callable[[Path], dict[str, str]]]] = {
    "package": package.generate,
    "records": records.generate,
    "documents": documents.generate,
    "machines": machines.generate,
    "policies": policies.generate,
    "trace ids": trace_ids.generate,
}


def everything(root: Path) -> dict[str, str]:
    """All files of the package, formatted; raises SourceRefused where a source breaks a rule."""
    schema_lint.refuse_bad(root)
    files: dict[str, str] = {}
    for kind, generate in TARGETS.items():
        for name, text in generate(root).items():
            assert name not in files, f"{kind} writes {name} a second time"
            files[name] = text
    return polish.formatted(files)
