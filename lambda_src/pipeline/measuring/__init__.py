"""From tracked events to what an experiment has shown: counts by person and day, sums per arm, a report."""
