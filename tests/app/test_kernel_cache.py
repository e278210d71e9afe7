"""Where the compiled kernel is kept."""

from pathlib import Path

import pytest

from veracity.app.kernel_cache import kernel_cache
from veracity.domain.errors import OperatorFault


@pytest.mark.parametrize(
    ("environ", "directory"),
    [
        ({"HOME": "/home/ann"}, "/home/ann/.cache/veracity/kernel"),
        ({"HOME": "/home/ann", "XDG_CACHE_HOME": "/fast"}, "/fast/veracity/kernel"),
        ({"HOME": "/home/ann", "XDG_CACHE_HOME": "/fast", "VERACITY_CACHE_DIR": "/own"}, "/own/kernel"),
    ],
)
def test_the_operator_may_say_where_compiled_code_is_kept(environ: dict[str, str], directory: str) -> None:
    assert kernel_cache(environ) == Path(directory)


def test_a_relative_directory_is_refused() -> None:
    with pytest.raises(OperatorFault, match="VERACITY_CACHE_DIR is no absolute path"):
        kernel_cache({"VERACITY_CACHE_DIR": "cache", "HOME": "/home/ann"})


def test_without_a_home_no_common_directory_is_taken() -> None:
    with pytest.raises(OperatorFault, match="there is no directory for compiled code"):
        kernel_cache({})
