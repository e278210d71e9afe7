"""The first lines of every generated file: where it comes from and how to change it."""


def header_lines(origin: str, tool: str = "") -> list[str]:
    """Plain lines without a comment sign; `origin` is a path in the checkout."""
    by = f" by {tool}" if tool else ""
    return [f"Generated from {origin}{by}.", "Do not edit: change the source, then run `make gen`."]


def python_header(origin: str, tool: str = "") -> str:
    """The header as Python comments, ending in a newline."""
    return "".join(f"# {line}\n" for line in header_lines(origin, tool))
