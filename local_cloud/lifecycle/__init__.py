"""The local cloud as a whole: its servers up and down, a stage deployed by the CDK CLI, its API asked."""
