"""What axe-core finds wrong on a page: serious and critical faults only."""
import os

from browser import MODULES, Function

GRAVE = ("serious", "critical")
_RUN = Function("""async () => {
	const found = await axe.run(document, {resultTypes: ["violations"]});
	return found.violations.map((v) => [v.impact, v.id, v.nodes.slice(0, 5)
		.map((n) => n.target.join(" ") + ": " + n.failureSummary)]);
}""")


def faults(page):
    """["impact rule: where and why", ...]"""
    # By the debugger, so that the page's own policy stands.
    if not page.evaluate("'axe' in window"):
        with open(os.path.join(MODULES, "axe-core", "axe.min.js")) as f:
            page.evaluate(f.read() + ";0")
    return ["%s %s: %s" % (impact, rule, "; ".join(nodes))
            for impact, rule, nodes in page.evaluate(_RUN)
            if impact in GRAVE]
