"""E-mail templates of SES v2."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_cloud.mail import operations
from local_cloud.mail.errors import AlreadyExists, BadRequest, NotFound, NotRendered
from local_cloud.mail.handlebars import TemplateError, render

PARTS = ("Subject", "Html", "Text")


def install() -> None:
    for name, operation in {
        "create_email_template": _create,
        "update_email_template": _update,
        "get_email_template": _get,
        "delete_email_template": _delete,
        "list_email_templates": _list,
        "test_render_email_template": _test_render,
    }.items():
        operations.add(name, operation)


def content(backend: Any, name: str) -> Mapping[str, str]:
    """Subject, Html and Text of a template, as far as it has them. Raises: NotFound."""
    if name not in backend.templates:
        raise NotFound(f"Template {name} does not exist.")
    template: Mapping[str, str] = backend.templates[name]
    return {part: template[part] for part in PARTS if template.get(part)}


def rendered(template: Mapping[str, str], data: str) -> dict[str, str]:
    """The parts with the data (JSON) put in. Raises: BadRequest; NotRendered, if the data lack something."""
    try:
        values = json.loads(data or "{}")
    except ValueError:
        raise BadRequest("Template rendering data is invalid") from None
    try:
        return {part: render(text, values, escape=part == "Html") for part, text in template.items()}
    except TemplateError as problem:
        raise NotRendered(str(problem)) from None


def _checked(call: Mapping[str, Any]) -> dict[str, Any]:
    """As moto keeps it, which shows its templates in SES v1."""
    parts: dict[str, str] = dict(call["TemplateContent"])
    if not parts.get("Subject"):
        raise BadRequest("The subject must be specified.")
    if not parts.get("Html") and not parts.get("Text"):
        raise BadRequest("The template must have an HTML part or a text part.")
    for text in parts.values():
        try:
            render(text, None, escape=False)
        except TemplateError as problem:
            raise BadRequest(f"Template content is invalid: {problem}") from None
    v1 = {
        "template_name": call["TemplateName"],
        "subject_part": parts["Subject"],
        "html_part": parts.get("Html", ""),
        "text_part": parts.get("Text", ""),
        "Timestamp": datetime.now(UTC),
    }
    return {**parts, **v1}


def _create(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    if call["TemplateName"] in backend.templates:
        raise AlreadyExists(f"Template {call['TemplateName']} already exists.")
    backend.templates[call["TemplateName"]] = _checked(call)
    backend.tagger.tag_resource(
        operations.arn(backend, "template", call["TemplateName"]), call.get("Tags") or []
    )
    return {}


def _update(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    content(backend, call["TemplateName"])
    backend.templates[call["TemplateName"]] = _checked(call)
    return {}


def _get(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    name = call["TemplateName"]
    return {
        "TemplateName": name,
        "TemplateContent": content(backend, name),
        "Tags": backend.tagger.list_tags_for_resource(operations.arn(backend, "template", name))["Tags"],
    }


def _delete(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    backend.templates.pop(call["TemplateName"], None)
    backend.tagger.delete_all_tags_for_resource(operations.arn(backend, "template", call["TemplateName"]))
    return {}


def _list(backend: Any, _call: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"TemplatesMetadata": [{"TemplateName": name} for name in sorted(backend.templates)]}


def _test_render(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = rendered(content(backend, call["TemplateName"]), call["TemplateData"])
    lines = [f"Subject: {parts['Subject']}", *(parts[part] for part in ("Text", "Html") if part in parts)]
    return {"RenderedTemplate": "\r\n\r\n".join(lines)}
