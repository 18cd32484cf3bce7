"""Functions, their event sources, HTTP APIs, state machines: properties that come and go.

Defaults are those of the API references: Lambda CreateFunction and CreateEventSourceMapping, API Gateway V2.
"""

import json
from typing import Any

from tests.local_cloud.support.property_case import PropertyCase, tags_of
from tests.local_cloud.support.resource_case import CODE, TAGS
from tests.local_cloud.support.resource_cases_serving import BEARER, JWT, LOGS, jwt
from tests.local_cloud.support.stacks import function, get, ref, resource, role


def _function(client: Any, name: str) -> dict[str, Any]:
    answer = client.get_function(FunctionName=name)
    concurrency = client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    return {
        **answer["Configuration"],
        "DeadLetterConfig": answer["Configuration"].get("DeadLetterConfig", {}).get("TargetArn"),
        "Tags": answer.get("Tags", {}),
        "ReservedConcurrentExecutions": concurrency,
    }


def event_source(client: Any, uuid: str) -> dict[str, Any]:
    described = client.get_event_source_mapping(UUID=uuid)
    tags = client.list_tags(Resource=described["EventSourceMappingArn"])["Tags"]
    return {**described, "Enabled": described["State"], "Tags": tags}


def invoke_configuration(client: Any, _id: str) -> dict[str, Any]:
    [described] = client.list_function_event_invoke_configs(FunctionName="comes-and-goes")[
        "FunctionEventInvokeConfigs"
    ]
    return {
        "DestinationConfig": {k: v for k, v in described.get("DestinationConfig", {}).items() if v},
        "MaximumEventAgeInSeconds": described.get("MaximumEventAgeInSeconds"),
        "MaximumRetryAttempts": described.get("MaximumRetryAttempts"),
    }


def api(client: Any, name: str) -> dict[str, Any]:
    described: dict[str, Any] = client.get_api(ApiId=name)
    return described


def _api(client: Any, name: str) -> str:
    return str(next(each["ApiId"] for each in client.get_apis()["Items"] if each["Name"] == name))


def stage(client: Any, name: str) -> dict[str, Any]:
    return {"AutoDeploy": False, **client.get_stage(ApiId=_api(client, "stage-comes"), StageName=name)}


def route(client: Any, name: str) -> dict[str, Any]:
    described: dict[str, Any] = client.get_route(ApiId=_api(client, "route-comes"), RouteId=name)
    return described


def integration(client: Any, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get_integration(
        ApiId=_api(client, "integration-comes"), IntegrationId=name
    )
    return answer


def machine(client: Any, arn: str) -> dict[str, Any]:
    described = client.describe_state_machine(stateMachineArn=arn)
    tags = client.list_tags_for_resource(resourceArn=arn)["tags"]
    return {
        "DefinitionSubstitutions": json.loads(described["definition"])["Comment"],
        "EncryptionConfiguration": described.get("encryptionConfiguration"),
        "LoggingConfiguration": described.get("loggingConfiguration"),
        "TracingConfiguration": described.get("tracingConfiguration"),
        "Tags": tags_of(tags),
    }


def http(name: str) -> dict[str, Any]:
    return {"Api": resource("AWS::ApiGatewayV2::Api", Name=name, ProtocolType="HTTP")}


FUNCTION = {"Runtime": "python3.13", "Handler": "index.handler", "Role": get("Role", "Arn")}
TRUSTED = {"Role": role()}
QUEUE = {"Queue": resource("AWS::SQS::Queue")}
DEFINITION = json.dumps({"Comment": "${Word}", "StartAt": "End", "States": {"End": {"Type": "Succeed"}}})

CASES = [
    PropertyCase(
        "AWS::Lambda::Function",
        "lambda",
        _function,
        FUNCTION | {"Code": {"ZipFile": CODE}},
        {
            "DeadLetterConfig": {"TargetArn": get("Queue", "Arn")},
            "Description": "one",
            "Environment": {"Variables": {"A": "1"}},
            "EphemeralStorage": {"Size": 1024},
            "LoggingConfig": {"LogGroup": "comes-and-goes"},
            "MemorySize": 256,
            "ReservedConcurrentExecutions": 3,
            "Tags": TAGS,
            "Timeout": 20,
            "TracingConfig": {"Mode": "Active"},
        },
        {"Description": "", "EphemeralStorage": {"Size": 512}, "MemorySize": 128, "Timeout": 3}
        | {"TracingConfig": {"Mode": "PassThrough"}},
        TRUSTED | QUEUE,
    ),
    PropertyCase(
        "AWS::Lambda::EventSourceMapping",
        "lambda",
        event_source,
        {"EventSourceArn": get("Queue", "Arn"), "FunctionName": ref("Function")},
        {
            "BatchSize": 5,
            "Enabled": False,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "MaximumBatchingWindowInSeconds": 2,
            "ScalingConfig": {"MaximumConcurrency": 4},
            "Tags": TAGS,
        },
        {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0},
        {**TRUSTED, **QUEUE, "Function": function(CODE)},
    ),
    PropertyCase(
        "AWS::Lambda::EventInvokeConfig",
        "lambda",
        invoke_configuration,
        {"FunctionName": ref("Function"), "Qualifier": "$LATEST"},
        {
            "DestinationConfig": {"OnFailure": {"Destination": get("Queue", "Arn")}},
            "MaximumEventAgeInSeconds": 100,
            "MaximumRetryAttempts": 1,
        },
        {},
        {**TRUSTED, **QUEUE, "Function": function(CODE, FunctionName="comes-and-goes")},
    ),
    PropertyCase(
        "AWS::ApiGatewayV2::Api",
        "apigatewayv2",
        api,
        {"Name": "comes", "ProtocolType": "HTTP"},
        {
            "CorsConfiguration": {"AllowOrigins": ["https://app.example.com"], "MaxAge": 60},
            "Description": "one",
            "DisableExecuteApiEndpoint": True,
            "Tags": {"a": "b"},
            "Version": "1",
        },
    ),
    PropertyCase(
        "AWS::ApiGatewayV2::Stage",
        "apigatewayv2",
        stage,
        {"ApiId": ref("Api"), "StageName": "$default"},
        {
            "AccessLogSettings": LOGS,
            "AutoDeploy": True,
            "DefaultRouteSettings": {"ThrottlingBurstLimit": 20, "ThrottlingRateLimit": 10},
            "Description": "one",
            "RouteSettings": {"GET /": {"ThrottlingRateLimit": 5}},
            "StageVariables": {"a": "b"},
        },
        {},
        {**http("stage-comes"), "Logs": resource("AWS::Logs::LogGroup")},
    ),
    PropertyCase(
        "AWS::ApiGatewayV2::Route",
        "apigatewayv2",
        route,
        {"ApiId": ref("Api"), "RouteKey": "GET /"},
        {
            "AuthorizationScopes": ["read"],
            "AuthorizationType": "JWT",
            "AuthorizerId": ref("People"),
            "OperationName": "Read",
            "Target": {"Fn::Sub": "integrations/${Integration}"},
        },
        {"AuthorizationType": "NONE"},
        {
            **http("route-comes"),
            "People": resource("AWS::ApiGatewayV2::Authorizer", **JWT, **BEARER, **jwt("app")),
            "Integration": resource(
                "AWS::ApiGatewayV2::Integration",
                ApiId=ref("Api"),
                IntegrationType="HTTP_PROXY",
                IntegrationMethod="GET",
                IntegrationUri="https://example.com",
                PayloadFormatVersion="1.0",
            ),
        },
    ),
    PropertyCase(
        "AWS::ApiGatewayV2::Integration",
        "apigatewayv2",
        integration,
        {
            "ApiId": ref("Api"),
            "IntegrationType": "HTTP_PROXY",
            "IntegrationMethod": "GET",
            "IntegrationUri": "https://example.com",
            "PayloadFormatVersion": "1.0",
        },
        {"Description": "one", "TimeoutInMillis": 5000},
        {"TimeoutInMillis": 30000},
        http("integration-comes"),
    ),
    PropertyCase(
        "AWS::StepFunctions::StateMachine",
        "stepfunctions",
        machine,
        {"RoleArn": get("Role", "Arn"), "DefinitionString": DEFINITION},
        {
            "DefinitionSubstitutions": {"Word": "one"},
            "EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": ref("Key")},
            "LoggingConfiguration": {
                "Level": "ALL",
                "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": get("Logs", "Arn")}}],
            },
            "Tags": TAGS,
            "TracingConfiguration": {"Enabled": True},
        },
        {},
        {
            "Role": role("states.amazonaws.com"),
            "Key": resource("AWS::KMS::Key"),
            "Logs": resource("AWS::Logs::LogGroup"),
        },
    ),
]
