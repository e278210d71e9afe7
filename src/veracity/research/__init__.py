"""Everything that is said about a run after it: results, attribution, metrics, baselines, summary, tables, report."""
