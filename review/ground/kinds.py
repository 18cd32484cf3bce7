"""Kinds of resources that rules judge, and what others do by being there.

Source: the resource types of CloudFormation,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

_JUDGED = (
    *("CDK::Metadata", "CloudFormation::CustomResource", "CloudFormation::WaitCondition*", "CloudWatch::*"),
    *("CloudFormation::Macro", "CloudFormation::Module*", "CloudFormation::Stack*"),
    *("CloudFormation::ResourceVersion", "CloudFormation::TypeActivation", "Serverless::Application"),
    *("ServiceCatalog::CloudFormationProvisionedProduct", "Personalize::*", "SES::Template"),
    *("ApiGateway::Authorizer", "ApiGateway::BasePathMapping", "ApiGateway::DomainName"),
    *("ApiGateway::Method", "ApiGateway::RestApi", "ApiGateway::Stage"),
    *("ApiGatewayV2::Api", "ApiGatewayV2::ApiMapping", "ApiGatewayV2::Authorizer"),
    *("ApiGatewayV2::DomainName", "ApiGatewayV2::Integration", "ApiGatewayV2::Route", "ApiGatewayV2::Stage"),
    *("DynamoDB::*", "EC2::NatGateway", "EC2::SecurityGroup*", "EC2::VPCEndpoint", "Events::Rule"),
    *("IAM::AccessKey", "IAM::Group", "IAM::Role", "IAM::User", "KMS::*", "S3::Bucket", "SNS::*", "SQS::*"),
    *("Lambda::Alias", "Lambda::EventInvokeConfig", "Lambda::EventSourceMapping", "Lambda::Function"),
    *("Lambda::LayerVersion*", "Lambda::Permission", "Lambda::Url", "Lambda::Version"),
    *("Logs::LogGroup", "Logs::MetricFilter", "Logs::SubscriptionFilter", "Route53::HealthCheck"),
    *("Route53::RecordSet*", "SecretsManager::Secret", "SSM::Parameter", "Scheduler::*"),
    *("SES::ConfigurationSet*", "SES::EmailIdentity", "StepFunctions::StateMachine"),
)
"""kinds of which a rule says something where they are new, or of which nothing can be said"""
_BY_WHAT_IT_DOES: Mapping[str, tuple[str, ...]] = {
    "lets somebody or something in": (
        *("IAM::OIDCProvider", "IAM::SAMLProvider", "RolesAnywhere::*", "SSO::*", "Cognito::*", "RAM::*"),
        *("AppSync::*", "ApiGateway::*", "ApiGatewayV2::*", "VpcLattice::*", "CloudFront::*", "Transfer::*"),
        *("ElasticLoadBalancing::*", "ElasticLoadBalancingV2::*", "GlobalAccelerator::*", "Organizations::*"),
        *("EC2::EIP*", "EC2::ClientVpn*", "EC2::InternetGateway", "EC2::InstanceConnectEndpoint"),
        *("EC2::NetworkInterfacePermission", "EC2::TransitGateway*", "EC2::VPCEndpointService*", "EC2::VPN*"),
        *("EC2::VPCGatewayAttachment", "EC2::VPCPeeringConnection", "EC2::VerifiedAccess*", "EKS::Access*"),
        *("S3::AccessGrant*", "S3::AccessPoint", "S3::MultiRegionAccessPoint", "S3Express::AccessPoint"),
        *("S3ObjectLambda::AccessPoint", "LakeFormation::*", "Redshift::Endpoint*", "Grafana::Workspace"),
        *("ServiceCatalog::PortfolioShare", "ServiceCatalog::PortfolioPrincipalAssociation", "ACMPCA::*"),
        *("IoT::Authorizer", "IoT::RoleAlias", "DirectoryService::*", "NetworkManager::*", "Lightsail::*"),
        *("BedrockAgentCore::Gateway*", "CodeConnections::*", "CodeStarConnections::*", "Chatbot::*"),
    ),
    "runs code": (
        *("EC2::Instance", "EC2::EC2Fleet", "EC2::LaunchTemplate", "EC2::SpotFleet", "AutoScaling::*"),
        *("ECS::*", "EKS::*", "Batch::*", "AppRunner::*", "ElasticBeanstalk::*", "Cloud9::*", "Amplify::*"),
        *("CodeBuild::*", "CodePipeline::*", "CodeDeploy::*", "ImageBuilder::*", "Synthetics::*", "MWAA::*"),
        *("SSM::Association", "SSM::Document", "SSM::MaintenanceWindow*", "SSMQuickSetup::*", "OpsWorks::*"),
        *("Glue::Job", "Glue::DevEndpoint", "Glue::Session", "Glue::Trigger", "Glue::Workflow", "EMR::*"),
        *("EMRContainers::*", "EMRServerless::*", "SageMaker::*", "KinesisAnalytics::*", "MWAAServerless::*"),
        *("KinesisAnalyticsV2::*", "Lambda::*", "Config::RemediationConfiguration", "Bedrock::Agent*"),
        *("BedrockAgentCore::*", "CloudFormation::*", "Serverless::*", "FIS::*", "Budgets::BudgetsAction"),
        *("GreengrassV2::*", "Omics::Workflow*", "PCS::*", "GameLift::*", "WorkSpaces::*", "DataBrew::*"),
        *("SecretsManager::RotationSchedule", "StepFunctions::*", "ServiceCatalog::*", "Events::Rule"),
    ),
    "carries data to elsewhere": (
        *("Pipes::*", "KinesisFirehose::*", "Kinesis::StreamConsumer", "DMS::*", "DataSync::*", "AppFlow::*"),
        *(
            "Events::ApiDestination",
            "Events::Archive",
            "Events::Connection",
            "Events::Endpoint",
            "EventsV2::*",
        ),
        *("Backup::*", "BackupGateway::*", "Athena::*", "Glue::Connection", "Glue::Crawler", "OSIS::*"),
        *("Glue::Integration", "Logs::AccountPolicy", "Logs::Delivery*", "Logs::Destination"),
        *(
            "Logs::Integration",
            "Logs::ScheduledQuery",
            "Oam::*",
            "CloudWatch::MetricStream",
            "IoT::TopicRule*",
        ),
        *("KafkaConnect::*", "MSK::Replicator", "CleanRooms::*", "DataExchange::*", "SecurityLake::*"),
        *("DataPipeline::*", "DLM::*", "RDS::DBProxy*", "RDS::Integration", "Redshift::Integration"),
        *("EC2::TrafficMirror*", "EC2::FlowLog", "ECR::ReplicationConfiguration", "QuickSight::*"),
        *("BCMDataExports::*", "CUR::*", "SES::MailManager*", "SES::Receipt*", "SSM::ResourceDataSync"),
        *("CloudTrail::Channel", "CloudTrail::EventDataStore", "CloudTrail::Trail", "DataZone::*"),
    ),
}
"""kinds that do so by being there"""


def is_known(type_: str, there: Collection[str] = ()) -> bool:
    """Whether a rule judges new resources of a type, or templates have some already. there: their types."""
    if type_ in there or type_.startswith("Custom::") or type_.endswith("Policy"):
        return True
    return _among(type_, _JUDGED) and type_ != "AWS::CloudWatch::MetricStream"


def what_it_does(type_: str) -> str:
    """In words, where a resource does it by being there; else empty."""
    return next((words for words, kinds in _BY_WHAT_IT_DOES.items() if _among(type_, kinds)), "")


def _among(type_: str, kinds: Collection[str]) -> bool:
    return any(fnmatchcase(type_, f"AWS::{kind}") for kind in kinds)
