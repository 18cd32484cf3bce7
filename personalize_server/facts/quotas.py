"""The documented quotas; a server may be started with other figures."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, kw_only=True)
class Quotas:
    """Defaults are the service's (Amazon Personalize endpoints and quotas)."""

    dataset_groups: int = 5
    schemas: int = 500
    running_import_jobs: int = 5
    running_export_jobs: int = 5
    running_batch_inference_jobs: int = 5
    running_batch_segment_jobs: int = 5
    running_data_deletion_jobs: int = 5
    running_solution_versions: int = 20
    solutions: int = 10
    """active, per dataset group"""
    campaigns: int = 5
    recommenders: int = 5
    filters: int = 30
    filter_fields: int = 20
    """distinct, over all filters of a dataset group"""
    event_trackers: int = 1
    metric_attributions: int = 1
    event_attribution_sources: int = 100
    """per metric attribution; what comes from another one is reported as undefined"""
    tags: int = 50
    import_interactions: int = 1000
    """least rows of an interactions import"""
    training_interactions: int = 1000
    """least interactions left after filtering by event type"""
    training_users: int = 25
    """least users with two interactions"""
    training_action_interactions: int = 50
    """takings of an action, and as many refusals, before it has a score"""
    training_actions: int = 1000
    """most actions that a model knows; the newest and those with the newest interactions"""
    segment_item_lines: int = 500
    segment_attribute_lines: int = 10
    """most input lines of a batch segment job, by item or by attributes"""
    filter_window: int = 100
    """newest interactions per user and event type that a filter sees"""
    batch_input_files: int = 1000
    batch_input_bytes: int = 1_000_000_000

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 0:
                raise ValueError(f"quota {field.name} must not be negative")

    def with_changes(self, changes: Mapping[str, int]) -> "Quotas":
        """These quotas but for those that are given. Raises: ValueError, for an unknown one."""
        unknown = sorted(set(changes) - {field.name for field in fields(self)})
        if unknown:
            known = ", ".join(field.name for field in fields(self))
            raise ValueError(f"unknown quota {', '.join(unknown)}; known: {known}")
        return replace(self, **dict(changes))
