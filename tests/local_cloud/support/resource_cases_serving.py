"""HTTP APIs, consumers of queues, e-mail, secrets."""

from typing import Any

from tests.local_cloud.support import resource_looks_serving as look
from tests.local_cloud.support.resource_case import CODE, NEW_TAGS, TAGS, Case
from tests.local_cloud.support.stacks import function, get, ref, resource, role

API = {"Api": resource("AWS::ApiGatewayV2::Api", Name="parts-test", ProtocolType="HTTP")}
INTEGRATION = {"ApiId": ref("Api"), "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
FUNCTION = {"Role": role(), "Function": function(CODE)}
URI = {"IntegrationUri": get("Function", "Arn")}
JWT = {"ApiId": ref("Api"), "Name": "people", "AuthorizerType": "JWT"}
BEARER = {"IdentitySource": ["$request.header.Authorization"]}
LOGS = {"DestinationArn": {"Fn::GetAtt": ["Logs", "Arn"]}, "Format": "$context.requestId"}

IDENTITY = {"EmailIdentity": "one@example.com"}


def jwt(audience: str) -> dict[str, Any]:
    return {"JwtConfiguration": {"Issuer": "https://id.example.com", "Audience": [audience]}}


CASES = [
    Case(
        "AWS::ApiGatewayV2::Api",
        "apigatewayv2",
        look.api,
        {
            "Name": "one",
            "ProtocolType": "HTTP",
            "CorsConfiguration": {"AllowOrigins": ["https://app.example.com"], "MaxAge": 60},
            "Tags": {"stage": "one", "goes": "x"},
        },
        ("one", {"AllowOrigins": ["https://app.example.com"], "MaxAge": 60}, {"stage": "one", "goes": "x"}),
        {"Name": "two", "ProtocolType": "HTTP", "Tags": {"stage": "two"}},
        ("two", None, {"stage": "two"}),
        attributes=("ApiId", "ApiEndpoint"),
    ),
    Case(
        "AWS::ApiGatewayV2::Stage",
        "apigatewayv2",
        look.stage,
        {
            "ApiId": ref("Api"),
            "StageName": "$default",
            "AutoDeploy": True,
            "DefaultRouteSettings": {"ThrottlingBurstLimit": 20, "ThrottlingRateLimit": "10"},
            "AccessLogSettings": LOGS,
        },
        ({"ThrottlingBurstLimit": 20, "ThrottlingRateLimit": 10.0}, "$context.requestId"),
        {"ApiId": ref("Api"), "StageName": "$default", "DefaultRouteSettings": {"ThrottlingRateLimit": 5}},
        ({"ThrottlingRateLimit": 5.0}, None),
        {**API, "Logs": resource("AWS::Logs::LogGroup")},
    ),
    Case(
        "AWS::ApiGatewayV2::Integration",
        "apigatewayv2",
        look.integration,
        INTEGRATION | URI,
        (30000, "2.0"),
        INTEGRATION | URI | {"TimeoutInMillis": "5000"},
        (5000, "2.0"),
        API | FUNCTION,
        ("IntegrationId",),
    ),
    Case(
        "AWS::ApiGatewayV2::Authorizer",
        "apigatewayv2",
        look.authorizer,
        JWT | BEARER | jwt("app"),
        ["app"],
        JWT | BEARER | jwt("other"),
        ["other"],
        API,
        ("AuthorizerId",),
    ),
    Case(
        "AWS::ApiGatewayV2::Route",
        "apigatewayv2",
        look.route,
        {
            "ApiId": ref("Api"),
            "RouteKey": "GET /v1/things/{id}",
            "AuthorizationType": "AWS_IAM",
            "Target": {"Fn::Sub": "integrations/${Integration}"},
        },
        ("GET /v1/things/{id}", "AWS_IAM"),
        {
            "ApiId": ref("Api"),
            "RouteKey": "GET /v1/things/{name}",
            "AuthorizationType": "NONE",
            "Target": {"Fn::Sub": "integrations/${Integration}"},
        },
        ("GET /v1/things/{name}", "NONE"),
        {**API, **FUNCTION, "Integration": resource("AWS::ApiGatewayV2::Integration", **INTEGRATION, **URI)},
        ("RouteId",),
    ),
    Case(
        "AWS::Lambda::EventSourceMapping",
        "lambda",
        look.event_source_mapping,
        {
            "EventSourceArn": get("Queue", "Arn"),
            "FunctionName": ref("Function"),
            "BatchSize": "5",
            "MaximumBatchingWindowInSeconds": 2,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 3},
        },
        ("Enabled", 5, 2, ["ReportBatchItemFailures"], {"MaximumConcurrency": 3}),
        {"EventSourceArn": get("Queue", "Arn"), "FunctionName": ref("Function"), "Enabled": "false"},
        ("Disabled", 10, 0, [], {}),
        {**FUNCTION, "Queue": resource("AWS::SQS::Queue")},
        ("Id", "EventSourceMappingArn"),
    ),
    Case(
        "AWS::SES::EmailIdentity",
        "sesv2",
        look.email_identity,
        IDENTITY | {"ConfigurationSetAttributes": {"ConfigurationSetName": ref("Set")}},
        "identity-set",
        IDENTITY,
        "",
        {"Set": resource("AWS::SES::ConfigurationSet", Name="identity-set")},
        ("DkimDNSTokenName1", "DkimDNSTokenValue3"),
    ),
    Case(
        "AWS::SES::ConfigurationSet",
        "sesv2",
        look.configuration_set,
        {"Name": "set-test", "SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]}},
        ({"SuppressedReasons": ["BOUNCE"]}, True),
        {
            "Name": "set-test",
            "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
            "SendingOptions": {"SendingEnabled": False},
        },
        ({"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}, False),
    ),
    Case(
        "AWS::SES::ConfigurationSetEventDestination",
        "sesv2",
        look.event_destination,
        {
            "ConfigurationSetName": ref("Set"),
            "EventDestination": {
                "Name": "bounces",
                "Enabled": True,
                "MatchingEventTypes": ["BOUNCE"],
                "SnsDestination": {"TopicArn": ref("Topic")},
            },
        },
        {"bounces": ["BOUNCE"]},
        {
            "ConfigurationSetName": ref("Set"),
            "EventDestination": {
                "Name": "bounces",
                "Enabled": True,
                "MatchingEventTypes": ["BOUNCE", "COMPLAINT"],
                "SnsDestination": {"TopicArn": ref("Topic")},
            },
        },
        {"bounces": ["BOUNCE", "COMPLAINT"]},
        {
            "Set": resource("AWS::SES::ConfigurationSet", Name="destination-set"),
            "Topic": resource("AWS::SNS::Topic"),
        },
        ("Id",),
    ),
    Case(
        "AWS::SES::Template",
        "sesv2",
        look.email_template,
        {
            "Template": {
                "SubjectPart": "Hello {{name}}",
                "HtmlPart": "<p>{{name}}</p>",
                "TextPart": "{{name}}",
            }
        },
        {"Subject": "Hello {{name}}", "Html": "<p>{{name}}</p>", "Text": "{{name}}"},
        {"Template": {"SubjectPart": "Bye {{name}}", "TextPart": "{{name}}"}},
        {"Subject": "Bye {{name}}", "Text": "{{name}}"},
        attributes=("Id",),
    ),
    Case(
        "AWS::SecretsManager::Secret",
        "secretsmanager",
        look.secret,
        {
            "Description": "one",
            "GenerateSecretString": {
                "SecretStringTemplate": '{"id": "k"}',
                "GenerateStringKey": "key",
                "PasswordLength": "40",
                "ExcludePunctuation": True,
            },
            "Tags": TAGS,
        },
        ("one", ["id", "key"], 40, {"stage": "one", "goes": "x"}),
        {
            "Description": "two",
            "GenerateSecretString": {
                "SecretStringTemplate": '{"id": "k"}',
                "GenerateStringKey": "key",
                "PasswordLength": 50,
            },
            "Tags": NEW_TAGS,
        },
        ("two", ["id", "key"], 50, {"stage": "two"}),
        attributes=("Id",),
    ),
]
