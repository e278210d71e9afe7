"""Command line: `python -m veracity_gen [--check] [--root DIR]`.

Exit codes: 0 done or no difference, 1 a difference or a refused source, 2 wrong usage.
"""

import argparse
import sys
from pathlib import Path

from veracity_gen import targets, tree
from veracity_gen.codegen import CHECKOUT
from veracity_gen.errors import SourceRefused

PACKAGE = Path("generated/veracity_generated")


def main(arguments: list[str]) -> int:
    """Write or check the package; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m veracity_gen", description="Generates veracity_generated."
    )
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 on any difference")
    parser.add_argument(
        "--root", type=Path, default=CHECKOUT, help="checkout to read and write (default: this one)"
    )
    options = parser.parse_args(arguments)
    try:
        wanted = targets.everything(options.root.resolve())
    except SourceRefused as refusal:
        return _say(refusal.problems, "refused: nothing was generated")
    folder = options.root.resolve() / PACKAGE
    if options.check:
        return _say(list(tree.differences(wanted, folder)), "not current: run `make gen`")
    touched = tree.write(wanted, folder)
    sys.stdout.write(f"{len(wanted)} files, {len(touched)} of them changed\n")
    return 0


def _say(problems: list[str], verdict: str) -> int:
    """Print what is wrong, if anything, and turn it into the exit code."""
    if not problems:
        return 0
    sys.stderr.write("\n".join([*problems, f"{len(problems)} x {verdict}", ""]))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
