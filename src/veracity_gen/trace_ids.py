"""Target: `TraceId`, the Literal of all ticket ids, so that a wrong id in the code fails the type check."""

from pathlib import Path
from typing import Final

from veracity_gen import strict_yaml
from veracity_gen.errors import SourceRefused
from veracity_gen.header import python_header

SECTIONS: Final = range(1, 11)  # of the roadmap; each is one file tickets/<number>-<name>.yaml


def generate(root: Path) -> dict[str, str]:
    """`trace_ids.py` with the ids in the order of the files."""
    lines = "".join(f'    "{one}",\n' for one in ticket_ids(root / "tickets"))
    text = python_header("tickets/*.yaml")
    text += '"""The id of every ticket of the roadmap."""\n\nfrom typing import Literal, TypeAlias\n\n'
    return {"trace_ids.py": f"{text}TraceId: TypeAlias = Literal[\n{lines}]\n"}


def ticket_ids(folder: Path) -> list[str]:
    """All ids; raises SourceRefused where a section has no file, or an id is not text or stands twice."""
    problems: list[str] = []
    ids: list[str] = []
    for section in SECTIONS:
        files = sorted(folder.glob(f"{section:02}-*.yaml"))
        if len(files) != 1:
            problems.append(
                f"tickets/{section:02}-*.yaml: {len(files)} files for section {section}, expected one"
            )
            continue
        content = strict_yaml.load(files[0])
        for number, ticket in enumerate(content["tickets"]):
            one = ticket.get("id")
            if not isinstance(one, str) or one in ids:
                problems.append(
                    f"tickets/{files[0].name}: tickets.{number}.id: {one!r} is no id or stands twice"
                )
            else:
                ids.append(one)
    if problems:
        raise SourceRefused(problems)
    return ids
