"""The notifications stacks among the templates: of which stages, their settings and functions."""

from typing import Any

import pytest

from config.schema import Notifying, StageConfig
from tests.app.support.business.stages import STAGES
from tests.app.support.template_reading import Template, linked, resources_of

NOTIFYING = [stage for stage in STAGES if stage.notifications]
every_primary = pytest.mark.parametrize("stage", NOTIFYING, ids=lambda stage: stage.name)


def stack_of(templates: dict[str, Template], stage: StageConfig) -> Template:
    return linked(templates, f"{stage.id_in(stage.region)}-Notifications")


def settings_of(stage: StageConfig) -> Notifying:
    assert stage.notifications
    return stage.notifications


def function_of(template: Template, step: str) -> dict[str, Any]:
    [function] = [
        function
        for function in resources_of(template, "AWS::Lambda::Function").values()
        if function["Handler"] == f"steps.{step}.lambda_handler"
    ]
    return dict(function)
