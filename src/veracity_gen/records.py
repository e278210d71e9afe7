"""Target: msgspec structs of everything that is journaled or handed to the engine."""

import json
from pathlib import Path
from typing import Any, Final

from veracity_gen import codegen, polish, schemas
from veracity_gen.header import python_header

# Folder under schemas/ -> name of the union of its members; the folder is the module's name too.
UNIONS: Final = {"events": "Event", "inputs": "Input", "commands": "Command", "journal": "JournalRecord"}
# Type in common.schema.json -> State enum of a machine, so that both are one type in the code. One module may import two
# of them, so each has a name of its own beside `State`.
STATE_TYPES: Final = {"Mode": "engine_mode", "BreakerState": "circuit_breaker"}
PROFILE: Final = "msgspec"

BASE: Final = '''
"""What every record has in common."""

import msgspec


class Record(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Immutable, unknown fields refused; not tracked by the garbage collector, as it cannot hold a cycle."""
'''


def generate(root: Path) -> dict[str, str]:
    """`common.py`, `base.py` and one module for each folder of UNIONS, by path in the package."""
    folder = root / "schemas"
    documents = {"common": schemas.load(folder / schemas.COMMON)}
    for group, union in UNIONS.items():
        documents[group] = schemas.union(union, schemas.load_group(folder / group), shared="common.json")
    documents = {module: _anchored(document) for module, document in documents.items()}
    overrides = {
        name: f"veracity_generated.machines.{machine}.{_camel(machine)}State"
        for name, machine in STATE_TYPES.items()
    }
    modules = codegen.models(documents, PROFILE, "--type-overrides", json.dumps(overrides))

    files = {"base.py": python_header("src/veracity_gen/records.py") + BASE}
    for module, source in modules.items():
        if module == "common":
            body = polish.without_alias(source, documents["common"]["title"])
            origin, title = f"schemas/{schemas.COMMON}", "Types that every record shares."
        else:
            body = polish.plain_alias(source, UNIONS[module])
            origin, title = f"schemas/{module}/", f"The records of schemas/{module}/ and their union."
        body = polish.immutable_arrays(polish.frozen_and_tagged(polish.without_header(body)))
        body = polish.patterns_aside(body)
        files[f"{module}.py"] = f'{python_header(origin, codegen.tool_version())}"""{title}"""\n\n{body}'
    return files


def _camel(machine: str) -> str:
    return "".join(word.capitalize() for word in machine.split("_"))


def _anchored(node: Any) -> Any:
    """The same schema with each final `$` of a pattern as `\\Z`.

    msgspec matches with Python's `re`, where `$` also matches before a last newline; JSON Schema's `$` does not.
    """
    if isinstance(node, dict):
        return {
            key: f"{value[:-1]}\\Z" if key == "pattern" and str(value).endswith("$") else _anchored(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_anchored(item) for item in node]
    return node
