"""What comes in from elsewhere, secrets that can be read, and connections that are less secure."""

from typing import Any

from review.reading.assemblies import Stack
from tests.app.synth.review.mutating import Resources, Table, ids, one, uploaded_to, with_property

ORIGINS = Table()
FUNCTION = "Lambda::Function"
SECRET = "{{resolve:secretsmanager:recs/prod/database:SecretString:password}}"


def variables(resources: Resources, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = with_property(resources, FUNCTION, "Environment")["Environment"]["Variables"]
    found.update(more)
    return found


def of_database(resources: Resources) -> dict[str, Any]:
    """The variables of a function that reads the database."""
    for name in ids(resources, FUNCTION):
        settings: dict[str, Any] = resources[name]["Properties"].get("Environment", {}).get("Variables", {})
        if "DATABASE_SSL_MODE" in settings:
            return settings
    raise LookupError("no function reads the database")


@ORIGINS.whole("Serving", "ACCESS-026")
def a_macro_makes_the_template_anew(stack: Stack) -> None:
    stack.template["Transform"] = ["AWS::LanguageExtensions", "OurMacro"]


@ORIGINS.whole("Serving", "ACCESS-026")
def a_file_is_included_in_the_template(stack: Stack) -> None:
    include = {"Name": "AWS::Include", "Parameters": {"Location": "s3://elsewhere/more.yaml"}}
    stack.template["Resources"]["Fn::Transform"] = include


@ORIGINS.of("Serving", "ACCESS-026")
def a_macro_makes_a_property(resources: Resources) -> None:
    one(resources, FUNCTION)["Description"] = {"Fn::Transform": {"Name": "OurMacro"}}


@ORIGINS.of("Serving", "ACCESS-026")
def a_stack_within_the_stack(resources: Resources) -> None:
    properties = {"TemplateURL": "https://elsewhere.example/template.json"}
    resources["Nested"] = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


@ORIGINS.of("Data", "ACCESS-026")
def a_custom_resource_of_others(resources: Resources) -> None:
    token = "arn:aws:lambda:eu-west-1:999999999999:function:theirs"
    resources["Theirs"] = {"Type": "Custom::Theirs", "Properties": {"ServiceToken": token}}


@ORIGINS.of("Data", "ACCESS-026")
def a_custom_resource_is_made_by_others(resources: Resources) -> None:
    one_ = next(one for one in resources.values() if "ServiceToken" in one.get("Properties", {}))
    one_["Properties"]["ServiceToken"] = "arn:aws:lambda:eu-west-1:333333333333:function:another"


@ORIGINS.of("Training", "ACCESS-026")
def code_of_a_bucket_of_others(resources: Resources) -> None:
    one(resources, FUNCTION)["Code"]["S3Bucket"] = "elsewhere"


@ORIGINS.of("Training", "ACCESS-026")
def code_that_is_no_asset(resources: Resources) -> None:
    one(resources, FUNCTION)["Code"]["S3Key"] = f"{'0' * 64}.zip"


@ORIGINS.of("Training", "ACCESS-026")
def code_in_the_template(resources: Resources) -> None:
    one(resources, FUNCTION)["Code"] = {"ZipFile": "def handler(event, context): ..."}


@ORIGINS.of("Training", "ACCESS-026")
def code_of_an_image(resources: Resources) -> None:
    function = one(resources, FUNCTION)
    function["Code"] = {"ImageUri": "333333333333.dkr.ecr.eu-west-1.amazonaws.com/theirs:latest"}


@ORIGINS.of("Training", "ACCESS-026")
def a_definition_that_stands_elsewhere(resources: Resources) -> None:
    machine = one(resources, "StepFunctions::StateMachine")
    del machine["DefinitionString"]
    machine["DefinitionS3Location"] = {"Bucket": "elsewhere", "Key": "definition.json"}


@ORIGINS.of("Training", "ACCESS-026")
def a_machine_installs_something_else(resources: Resources) -> None:
    one_ = resources[ids(resources, FUNCTION)[0]]
    one_["Metadata"] = {"AWS::CloudFormation::Init": {"config": {"commands": {"a": {"command": "sh a"}}}}}


@ORIGINS.of("Training", "ACCESS-026")
def something_runs_before_a_function(resources: Resources) -> None:
    variables(resources, AWS_LAMBDA_EXEC_WRAPPER="/opt/before")


@ORIGINS.of("Training", "ACCESS-026")
def a_layer_of_others(resources: Resources) -> None:
    layer = "arn:aws:lambda:eu-west-1:999999999999:layer:theirs:1"
    one(resources, FUNCTION).setdefault("Layers", []).append(layer)


@ORIGINS.whole("Training", "ACCESS-024")
def a_stack_is_deployed_with_another_version_of_the_bootstrap(stack: Stack) -> None:
    assert isinstance(stack.parameters, dict)
    stack.parameters["BootstrapVersion"] = "/another/version"


@ORIGINS.whole("Training", "ACCESS-024")
def an_asset_of_the_same_name_is_made_of_something_else(stack: Stack) -> None:
    assets = uploaded_to(stack)
    assets[min(assets)] = '{"packaging": "zip", "path": "../asset.another"}'


@ORIGINS.whole("Training", "ACCESS-024")
def the_version_of_the_bootstrap_is_asked_for_elsewhere(stack: Stack) -> None:
    stack.template["Parameters"]["BootstrapVersion"]["Default"] = "/another/version"


@ORIGINS.of("Training", "ACCESS-023")
def the_database_is_asked_without_encryption(resources: Resources) -> None:
    of_database(resources)["DATABASE_SSL_MODE"] = "disable"


@ORIGINS.of("Training", "ACCESS-023")
def the_database_is_asked_with_encryption_if_it_likes(resources: Resources) -> None:
    of_database(resources)["DATABASE_SSL_MODE"] = "prefer"


@ORIGINS.of("Training", "ACCESS-023")
def nobody_says_how_the_database_is_asked(resources: Resources) -> None:
    del of_database(resources)["DATABASE_SSL_MODE"]


@ORIGINS.of("Training", "ACCESS-023")
def libpq_encrypts_nothing(resources: Resources) -> None:
    of_database(resources)["PGSSLMODE"] = "allow"


@ORIGINS.of("Serving", "ACCESS-023")
def certificates_are_not_verified(resources: Resources) -> None:
    variables(resources, PYTHONHTTPSVERIFY="0")


@ORIGINS.of("Serving", "ACCESS-023")
def verification_is_skipped(resources: Resources) -> None:
    variables(resources, SKIP_TLS_VERIFY="true")


@ORIGINS.of("Serving", "ACCESS-023")
def other_certificates_are_trusted(resources: Resources) -> None:
    variables(resources, AWS_CA_BUNDLE="/opt/ca.pem")


@ORIGINS.of("Serving", "ACCESS-023")
def calls_go_by_way_of_a_proxy(resources: Resources) -> None:
    variables(resources, HTTPS_PROXY="http://proxy.example:3128")


def by_address(resources: Resources) -> None:
    variables(resources, DATABASE_URL="postgresql://db.example/recs?sslmode=verify-full")


@ORIGINS.of("Serving", "ACCESS-023", "ACCESS-022", given=by_address)
def an_address_asks_for_less(resources: Resources) -> None:
    variables(resources, DATABASE_URL="postgresql://db.example/recs?sslmode=require")


@ORIGINS.of("Serving", "ACCESS-022", given=by_address)
def an_address_leads_elsewhere(resources: Resources) -> None:
    variables(resources, DATABASE_URL="postgresql://other.example/recs?sslmode=verify-full")


@ORIGINS.of("Training", "ACCESS-022")
def another_secret_says_where_the_database_is(resources: Resources) -> None:
    of_database(resources)["DATABASE_SECRET"] = "recs/another/database"


def with_parameter(resources: Resources) -> None:
    properties = {"Name": "/recs/prod/endpoint", "Type": "String", "Value": "https://one.example"}
    resources["Parameter"] = {"Type": "AWS::SSM::Parameter", "Properties": properties}


@ORIGINS.of("Serving", "ACCESS-022", given=with_parameter)
def a_parameter_leads_elsewhere(resources: Resources) -> None:
    resources["Parameter"]["Properties"]["Value"] = "https://two.example"


def looked_up(resources: Resources) -> None:
    variables(resources, LIMIT="{{resolve:ssm:/recs/prod/limit}}")


@ORIGINS.of("Serving", "ACCESS-022", given=looked_up)
def a_value_is_looked_up_elsewhere(resources: Resources) -> None:
    variables(resources, LIMIT="{{resolve:ssm:/recs/another/limit}}")


@ORIGINS.of("Serving", "ACCESS-027")
def a_variable_takes_the_value_of_a_secret(resources: Resources) -> None:
    variables(resources, DATABASE_LOGIN=SECRET)


@ORIGINS.of("Serving", "ACCESS-027")
def a_password_is_written_out(resources: Resources) -> None:
    variables(resources, DATABASE_PASSWORD="correct-horse")


@ORIGINS.of("Serving", "ACCESS-027")
def an_address_has_a_password(resources: Resources) -> None:
    variables(resources, DATABASE="postgresql://recs:correct-horse@db.example/recs")


@ORIGINS.of("Data", "ACCESS-027")
def a_secret_is_written_out(resources: Resources) -> None:
    properties = {"Name": "recs/prod/more", "SecretString": "correct-horse"}
    resources["More"] = {"Type": "AWS::SecretsManager::Secret", "Properties": properties}


@ORIGINS.whole("Data", "ACCESS-027")
def an_output_shows_a_secret(stack: Stack) -> None:
    stack.template.setdefault("Outputs", {})["Login"] = {"Value": SECRET}


@ORIGINS.whole("Data", "ACCESS-027")
def a_parameter_has_a_password_as_its_default(stack: Stack) -> None:
    parameter = {"Type": "String", "Default": "correct-horse", "NoEcho": True}
    stack.template["Parameters"]["DatabasePassword"] = parameter


def hidden(stack: Stack) -> None:
    stack.template["Parameters"]["Token"] = {"Type": "String", "NoEcho": True}


@ORIGINS.whole("Data", "ACCESS-027", given=hidden)
def a_parameter_is_shown(stack: Stack) -> None:
    del stack.template["Parameters"]["Token"]["NoEcho"]


@ORIGINS.whole("Data", "ACCESS-027", given=hidden)
def an_output_shows_a_parameter(stack: Stack) -> None:
    stack.template.setdefault("Outputs", {})["Token"] = {"Value": {"Ref": "Token"}}


OF_OTHER_KINDS: dict[str, dict[str, Any]] = {
    "EC2::Instance": {"ImageId": "ami-1"},
    "RAM::ResourceShare": {"Name": "a", "Principals": ["999999999999"]},
    "IAM::OIDCProvider": {"Url": "https://elsewhere.example"},
    "IAM::SAMLProvider": {"SamlMetadataDocument": "<EntityDescriptor/>"},
    "CodeBuild::Project": {"Source": {"Type": "GITHUB"}},
    "Pipes::Pipe": {"Target": "arn:aws:sqs:eu-west-1:999999999999:theirs"},
    "Cognito::IdentityPool": {"AllowUnauthenticatedIdentities": True},
    "AppSync::GraphQLApi": {"AuthenticationType": "API_KEY"},
    "SSM::Association": {"Name": "AWS-RunShellScript"},
}


def _of_another_kind(kind: str, properties: dict[str, Any]) -> None:
    def change(resources: Resources) -> None:
        resources["Theirs"] = {"Type": f"AWS::{kind}", "Properties": properties}

    change.__name__ = f"a_new_{kind.replace('::', '_')}"
    ORIGINS.of("Training", "ACCESS-026")(change)


for kind_, properties_ in OF_OTHER_KINDS.items():
    _of_another_kind(kind_, properties_)


@ORIGINS.of("Training", "REST-010")
def something_of_a_kind_that_nobody_knows(resources: Resources) -> None:
    resources["Theirs"] = {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": "a"}}


@ORIGINS.of("Training", "ACCESS-017", "ACCESS-026")
def a_machine_with_an_address_of_its_own(resources: Resources) -> None:
    network = {"DeviceIndex": "0", "AssociatePublicIpAddress": True}
    resources["Theirs"] = {"Type": "AWS::EC2::Instance", "Properties": {"NetworkInterfaces": [network]}}
