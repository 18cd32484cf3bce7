"""What services say of HTTP APIs, mappings, e-mail and secrets, given their ids; None for what is gone."""

import json
from collections.abc import Callable
from typing import Any

from tests.local_cloud.support.property_case import own_tags
from tests.local_cloud.support.resource_looks import either


def api(client: Any, api_id: str) -> Any:
    def look() -> Any:
        found = client.get_api(ApiId=api_id)
        return found["Name"], found.get("CorsConfiguration"), own_tags(found["Tags"])

    return either(client, look, "NotFoundException")


def _of_any_api(client: Any, look: Callable[[str], Any]) -> Any:
    """Of the one API that the test made for its part."""
    apis = [each["ApiId"] for each in client.get_apis()["Items"] if each["Name"] == "parts-test"]
    return either(client, lambda: look(apis[0]), "NotFoundException") if apis else None


def stage(client: Any, name: str) -> Any:
    def look(api_id: str) -> Any:
        found = client.get_stage(ApiId=api_id, StageName=name)
        return found["DefaultRouteSettings"], found.get("AccessLogSettings", {}).get("Format")

    return _of_any_api(client, look)


def integration(client: Any, name: str) -> Any:
    def look(api_id: str) -> Any:
        found = client.get_integration(ApiId=api_id, IntegrationId=name)
        return found["TimeoutInMillis"], found["PayloadFormatVersion"]

    return _of_any_api(client, look)


def authorizer(client: Any, name: str) -> Any:
    def look(api_id: str) -> Any:
        return client.get_authorizer(ApiId=api_id, AuthorizerId=name)["JwtConfiguration"]["Audience"]

    return _of_any_api(client, look)


def route(client: Any, name: str) -> Any:
    def look(api_id: str) -> Any:
        found = client.get_route(ApiId=api_id, RouteId=name)
        return found["RouteKey"], found["AuthorizationType"]

    return _of_any_api(client, look)


def event_source_mapping(client: Any, name: str) -> Any:
    def look() -> Any:
        found = client.get_event_source_mapping(UUID=name)
        return (
            found["State"],
            found["BatchSize"],
            found.get("MaximumBatchingWindowInSeconds"),
            found.get("FunctionResponseTypes"),
            found.get("ScalingConfig"),
        )

    return either(client, look, "ResourceNotFoundException")


def email_identity(client: Any, name: str) -> Any:
    def look() -> Any:
        return client.get_email_identity(EmailIdentity=name).get("ConfigurationSetName") or ""

    return either(client, look, "NotFoundException")


def configuration_set(client: Any, name: str) -> Any:
    def look() -> Any:
        found = client.get_configuration_set(ConfigurationSetName=name)
        return found["SuppressionOptions"], found["SendingOptions"]["SendingEnabled"]

    return either(client, look, "NotFoundException")


def event_destination(client: Any, _name: str) -> Any:
    def look() -> Any:
        found = client.get_configuration_set_event_destinations(ConfigurationSetName="destination-set")
        return {each["Name"]: each["MatchingEventTypes"] for each in found["EventDestinations"]}

    return either(client, look, "NotFoundException")


def email_template(client: Any, name: str) -> Any:
    return either(
        client, lambda: client.get_email_template(TemplateName=name)["TemplateContent"], "NotFoundException"
    )


def secret(client: Any, arn: str) -> Any:
    def look() -> Any:
        found = client.describe_secret(SecretId=arn)
        value = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
        return found["Description"], sorted(value), len(value["key"]), own_tags(found["Tags"])

    return either(client, look, "ResourceNotFoundException")
