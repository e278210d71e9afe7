"""What was compiled once is not compiled again, whatever process asks."""

import subprocess
import sys

from tests.kit.process import PATIENCE_S

from veracity.research.kernel import assembly
from veracity.research.kernel.needs import NOTHING
from veracity.research.kernel.run import Kernel

PROGRAM = """
import sys
from pathlib import Path
from veracity.research.kernel import assembly
from veracity.research.kernel.needs import NOTHING
module = assembly.loaded(assembly.loop_text(NOTHING), "loop", Path(sys.argv[1]))
print(len(module.PARTS), sum(len(part.overloads) for part, _ in module.PARTS), sum(module.run.stats.cache_hits.values()))
"""


def test_another_process_takes_the_loop_out_of_the_cache_and_compiles_none_of_its_parts(
    kernel: Kernel,
) -> None:
    assembly.loaded(assembly.loop_text(NOTHING), "loop", kernel._cache)
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(kernel._cache)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    parts, compiled, hits = map(int, said.stdout.split())
    assert parts > 20
    assert (compiled, hits) == (0, 1)
