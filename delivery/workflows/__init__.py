"""Workflow files for GitHub and GitLab, made of the stages: the same commands in both."""
