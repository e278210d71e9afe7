"""What axe-core, the accessibility checker, finds on a page."""

from pathlib import Path

import axe_playwright_python

SCRIPT = Path(axe_playwright_python.__file__).parent / "axe.min.js"


def violations(page):
    """Each broken rule with the elements that break it; an empty list is a page without known barriers.

    The script is evaluated over the debugging protocol, so the page's own content policy stays as it is.
    """
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    assert found["passes"], "axe checked nothing"
    return [
        f"{rule['id']}: {', '.join(str(node['target']) for node in rule['nodes'][:3])}"
        for rule in found["violations"]
    ]
