"""From findings to a report: folded, acknowledged, judged by a policy, as Markdown and JSON."""
