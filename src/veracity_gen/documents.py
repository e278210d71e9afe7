"""Target: strict pydantic models of the files that people write or read: config, manifest, summary, reports."""

from pathlib import Path, PurePosixPath
from typing import Final

from veracity_gen import codegen, polish, schemas
from veracity_gen.header import python_header

# Patterns under schemas/; a file's place there is its module's place in the package. Any may be absent.
PATTERNS: Final = ("config/**/*", "manifest", "summary", "reports/**/*")
PROFILE: Final = "pydantic"
SHARED: Final = "document_types"


def paths(root: Path) -> dict[str, Path]:
    """Schema file by module path (`config/run`), in the order of PATTERNS."""
    folder = root / "schemas"
    found = [path for pattern in PATTERNS for path in sorted(folder.glob(pattern + schemas.SUFFIX))]
    return {str(path.relative_to(folder).as_posix()).removesuffix(schemas.SUFFIX): path for path in found}


def generate(root: Path) -> dict[str, str]:
    """One module for each schema file, and `document_types.py` with the common types that they refer to."""
    found = paths(root)
    documents = {
        module: schemas.redirected(schemas.load(path), "../" * module.count("/") + f"{SHARED}.json")
        for module, path in found.items()
    }
    if not documents:
        return {}
    common = schemas.load(root / "schemas" / schemas.COMMON)
    modules = codegen.models({SHARED: common, **documents}, PROFILE)
    shared = polish.without_alias(modules.pop(SHARED), common["title"])
    files = {
        f"{SHARED}.py": _finished(
            shared, f"schemas/{schemas.COMMON}", "Types that documents share with records."
        )
    }
    for module, source in modules.items():
        origin = f"schemas/{module}{schemas.SUFFIX}"
        if "type" not in documents[module]:  # it only holds definitions
            source = polish.without_alias(source, documents[module]["title"])
        files[f"{module}.py"] = _finished(source, origin, f"The model of {origin}.")
    for package in sorted(
        {str(parent) for module in modules for parent in PurePosixPath(module).parents} - {"."}
    ):
        header = python_header(f"schemas/{package}/")
        files[f"{package}/__init__.py"] = f'{header}"""Models of schemas/{package}/; one module each."""\n'
    return files


def _finished(source: str, origin: str, title: str) -> str:
    body = polish.immutable_arrays(polish.without_header(source))
    return f'{python_header(origin, codegen.tool_version())}"""{title}"""\n\n{body}'
