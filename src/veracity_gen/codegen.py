"""Runs datamodel-codegen on JSON Schema documents and returns the modules that it wrote.

The options are the `[tool.datamodel-codegen]` profiles of this checkout's pyproject.toml.
"""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from veracity_gen.errors import SourceRefused
from veracity_gen.schemas import Document

TOOL: Final = "datamodel-code-generator"
CHECKOUT: Final = Path(__file__).resolve().parents[2]


def tool_version() -> str:
    """Name and version of the model generator, for headers: its output form changes between releases."""
    return f"{TOOL} {version(TOOL)}"


def models(documents: dict[str, Document], profile: str, *options: str) -> dict[str, str]:
    """Turn documents (module path without suffix -> JSON Schema) into modules (module path -> Python source).

    A reference from one document to another is written relative to it, as `common.json#/$defs/Side`.
    Raises SourceRefused with the tool's words when it refuses a schema, and also when it only warns of one.
    """
    if not documents:
        return {}
    with TemporaryDirectory(prefix="veracity-gen-") as scratch:
        source, output = Path(scratch, "in"), Path(scratch, "out")
        for module, document in documents.items():
            path = source / f"{module}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(document), encoding="utf-8")
        command = [sys.executable, "-m", "datamodel_code_generator", "--profile", profile]
        command += ["--input", str(source), "--output", str(output), *options]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        if done.returncode != 0 or done.stderr:
            raise SourceRefused([f"{TOOL}, profile {profile}: {done.stderr.strip()}"])
        return {module: (output / f"{module}.py").read_text(encoding="utf-8") for module in documents}
