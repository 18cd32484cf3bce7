"""Names that lead elsewhere, and what is passed on or archived."""

from typing import Any

from tests.app.synth.review.mutating import Resources, Table, ids, with_property

LEADING = Table()
BUCKET = "S3::Bucket"


def domain(resources: Resources, policy: str = "TLS_1_2", **more: Any) -> None:
    configuration = {"CertificateArn": "arn:aws:acm:eu-west-1:333333333333:certificate/1"}
    resources["Domain"] = {
        "Type": "AWS::ApiGatewayV2::DomainName",
        "Properties": {
            "DomainName": "recs.example.com",
            "DomainNameConfigurations": [{**configuration, "SecurityPolicy": policy}],
            **more,
        },
    }


def mutual(resources: Resources) -> None:
    domain(resources, MutualTlsAuthentication={"TruststoreUri": "s3://trusted/ca.pem"})


def record(resources: Resources) -> None:
    resources["Record"] = {
        "Type": "AWS::Route53::RecordSet",
        "Properties": {
            **{"Name": "recs.example.com.", "Type": "A", "HostedZoneId": "Z1", "Failover": "PRIMARY"},
            **{"AliasTarget": {"DNSName": "one.example.com", "HostedZoneId": "Z2"}, "HealthCheckId": "h"},
        },
    }


def alias(resources: Resources) -> None:
    key = {"Fn::GetAtt": [ids(resources, "KMS::Key")[0], "Arn"]}
    properties = {"AliasName": "alias/recs-prod", "TargetKeyId": key}
    resources["Alias"] = {"Type": "AWS::KMS::Alias", "Properties": properties}


def destination(resources: Resources) -> None:
    topic = {"Ref": ids(resources, "SNS::Topic")[0]}
    resources["Afterwards"] = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": ids(resources, "Lambda::Function")[0]},
            "Qualifier": "$LATEST",
            "DestinationConfig": {"OnFailure": {"Destination": topic}},
        },
    }


@LEADING.of("Serving", "ACCESS-023", "ACCESS-022")
def a_domain_name_takes_old_versions_of_tls(resources: Resources) -> None:
    domain(resources, "TLS_1_0")


@LEADING.of("Serving", "ACCESS-023", given=domain)
def a_domain_name_takes_old_versions_of_tls_again(resources: Resources) -> None:
    domain(resources, "TLS_1_0")


@LEADING.of("Serving", "ACCESS-023")
def a_rest_domain_name_takes_old_versions_of_tls(resources: Resources) -> None:
    properties = {"DomainName": "recs.example.com", "SecurityPolicy": "TLS_1_0"}
    resources["Domain"] = {"Type": "AWS::ApiGateway::DomainName", "Properties": properties}


@LEADING.of("Serving", "ACCESS-023", given=mutual)
def a_domain_name_asks_for_no_certificate(resources: Resources) -> None:
    del resources["Domain"]["Properties"]["MutualTlsAuthentication"]


@LEADING.of("Serving", "ACCESS-022", given=domain)
def a_domain_name_is_removed(resources: Resources) -> None:
    del resources["Domain"]


@LEADING.of("Serving", "ACCESS-022", given=domain)
def a_domain_name_leads_to_the_api(resources: Resources) -> None:
    properties = {"DomainName": "recs.example.com", "ApiId": {"Ref": ids(resources, "ApiGatewayV2::Api")[0]}}
    resources["Mapping"] = {
        "Type": "AWS::ApiGatewayV2::ApiMapping",
        "Properties": {**properties, "Stage": "$default"},
    }


LEADING.of("Serving", "ACCESS-022")(record)


@LEADING.of("Serving", "ACCESS-022", given=record)
def a_record_leads_elsewhere(resources: Resources) -> None:
    resources["Record"]["Properties"]["AliasTarget"]["DNSName"] = "two.example.com"


@LEADING.of("Serving", "ACCESS-022", given=record)
def a_record_leads_there_however_ill_it_is(resources: Resources) -> None:
    del resources["Record"]["Properties"]["HealthCheckId"]


@LEADING.of("Serving", "ACCESS-022", given=record)
def a_record_is_removed(resources: Resources) -> None:
    del resources["Record"]


@LEADING.of("Data", "ACCESS-022")
def an_alias_leads_to_a_key_of_others(resources: Resources) -> None:
    properties = {"AliasName": "alias/recs", "TargetKeyId": "arn:aws:kms:eu-west-1:333333333333:key/1"}
    resources["Alias"] = {"Type": "AWS::KMS::Alias", "Properties": properties}


@LEADING.of("Data", "DATA-010", given=alias)
def an_alias_leads_to_another_key(resources: Resources) -> None:
    resources["Alias"]["Properties"]["TargetKeyId"] = "arn:aws:kms:eu-west-1:333333333333:key/1"


@LEADING.of("Data", "ACCESS-022", given=alias)
def an_alias_is_removed(resources: Resources) -> None:
    del resources["Alias"]


@LEADING.of("Training", "ACCESS-025")
def failed_calls_are_passed_on(resources: Resources) -> None:
    destination(resources)


@LEADING.of("Training", "ACCESS-025", given=destination)
def results_are_passed_on_too(resources: Resources) -> None:
    to = {"Destination": "arn:aws:sqs:eu-west-1:333333333333:results"}
    resources["Afterwards"]["Properties"]["DestinationConfig"]["OnSuccess"] = to


@LEADING.of("Training", "WATCH-010", given=destination)
def failed_calls_are_no_longer_passed_on(resources: Resources) -> None:
    del resources["Afterwards"]["Properties"]["DestinationConfig"]


@LEADING.of("Training", "FLOW-007", given=destination)
def failed_calls_are_not_repeated(resources: Resources) -> None:
    resources["Afterwards"]["Properties"]["MaximumRetryAttempts"] = 0


def archived(resources: Resources, prefix: str, **transition: Any) -> None:
    bucket = with_property(resources, BUCKET, "LoggingConfiguration")
    rule = {"Status": "Enabled", "Prefix": prefix, **transition}
    bucket.setdefault("LifecycleConfiguration", {"Rules": []})["Rules"].append(rule)


@LEADING.of("Data", "DATA-020")
def data_sets_are_archived(resources: Resources) -> None:
    archived(resources, "datasets/", Transitions=[{"StorageClass": "DEEP_ARCHIVE", "TransitionInDays": 0}])


@LEADING.of("Data", "REST-001")
def old_versions_are_archived(resources: Resources) -> None:
    transition = {"StorageClass": "GLACIER", "TransitionInDays": 1}
    archived(resources, "", NoncurrentVersionTransitions=[transition])


@LEADING.of("Data", "DATA-020")
def what_is_seldom_read_is_archived(resources: Resources) -> None:
    tierings = [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}]
    with_property(resources, BUCKET, "LoggingConfiguration")["IntelligentTieringConfigurations"] = [
        {"Id": "all", "Status": "Enabled", "Tierings": tierings}
    ]
