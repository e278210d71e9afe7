"""What axe-core, the accessibility checker, finds on a page."""

from pathlib import Path

import axe_playwright_python

SCRIPT = Path(axe_playwright_python.__file__).parent / "axe.min.js"


# Every rule is checked; of what passes only that it did is told, since naming each element takes longer than the check.
RUN = """axe.run(document, {resultTypes: ["violations"]}).then(found => ({
    passes: found.passes.length,
    violations: found.violations.map(rule => [rule.id, rule.nodes.slice(0, 3).map(node => String(node.target))]),
}))"""


def violations(page):
    """Each broken rule with the elements that break it; an empty list is a page without known barriers.

    The script is evaluated over the debugging protocol, so the page's own content policy stays as it is.
    """
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate(RUN)
    assert found["passes"], "axe checked nothing"
    return [f"{rule}: {', '.join(targets)}" for rule, targets in found["violations"]]
