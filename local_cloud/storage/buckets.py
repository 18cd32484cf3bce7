"""What moto's S3 lacks, put in."""

from typing import Any

from flask import has_request_context, request
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend

from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.judge.guard import JUDGED
from rights import principals
from rights.errors import BadPolicy, Undecidable
from rights.evaluation import Call, Policies, evaluate
from rights.patterns import Context, Value
from rights.statements import statements_of

# moto derives actions from HTTP methods; IAM has no such actions.
ACTIONS = {"s3:HeadObject": "s3:GetObject", "s3:PostObject": "s3:PutObject"}
HEADER_KEYS = {
    "s3:x-amz-acl": "x-amz-acl",
    "s3:x-amz-server-side-encryption": "x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-storage-class": "x-amz-storage-class",
}


def install(settings: Settings) -> None:
    _evaluate_policies(settings)
    _accept_logging_before_its_policy()
    _deliver_no_access_logs()
    _keep_tags_of_the_system()


def _accept_logging_before_its_policy() -> None:
    """moto wants the target's policy first; S3 does not ask, and CDK's templates create it in any order."""
    accept = staticmethod(lambda target_bucket, target_prefix: True)
    replace(FakeBucket, "_log_permissions_enabled_policy", accept)


def _deliver_no_access_logs() -> None:
    """moto writes a log object within each request, so that the log bucket of a stack could never be deleted;
    S3 delivers hours later, to the extent that it does.
    """
    replace(S3Backend, "log_incoming_request", lambda self, request, bucket_name: None)


def _keep_tags_of_the_system() -> None:
    """Tags that begin with aws: stay whatever a caller puts or deletes; moto takes all of a bucket's away."""

    def kept(stock: Any) -> Any:
        def change(self: Any, bucket_name: str, *tags: Any) -> None:
            arn = self.get_bucket(bucket_name).arn
            own = [
                tag
                for tag in self.tagger.list_tags_for_resource(arn)["Tags"]
                if tag["Key"].startswith("aws:")
            ]
            stock(self, bucket_name, *tags)
            self.tagger.tag_resource(arn, own)

        return change

    for name in ("put_bucket_tagging", "delete_bucket_tagging"):
        replace(S3Backend, name, kept(getattr(S3Backend, name)))


def _evaluate_policies(settings: Settings) -> None:
    """Evaluate bucket policies with their conditions.

    moto's evaluation takes a condition it cannot check for a denial, so that the usual "deny what is not TLS"
    locks everyone out; and it answers without saying why.
    """

    def get_permission(self: Any, action: str, resource: str) -> PermissionResult:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        if has_request_context() and request.environ.get(JUDGED):
            return PermissionResult.PERMITTED
        action = ACTIONS.get(action, action)
        root = principals.root(settings.account)
        call = Call(principal=root, action=action, resource=resource, context=_context(settings))
        try:
            statements = statements_of(self.policy.decode(), f"bucket {self.name}")
            decision = evaluate(call, Policies(resource=statements))
        except (BadPolicy, Undecidable) as problem:
            message = f"The local cloud cannot evaluate the policy of bucket {self.name}: {problem}"
            raise S3ClientError("AccessDenied", message) from None
        if decision.explicit:
            message = f"{action} on {resource} is denied by the policy of the bucket"
            raise S3ClientError("AccessDenied", message)
        return PermissionResult.PERMITTED if decision.allowed else PermissionResult.NEUTRAL

    replace(FakeBucket, "get_permission", get_permission)


def _context(settings: Settings) -> Context:
    """What is known of a request; None is known to be absent. The way within this machine stands for TLS."""
    context: dict[str, Value] = {
        "aws:SecureTransport": "true",
        "s3:TlsVersion": "1.3",
        "aws:PrincipalAccount": settings.account,
        "aws:ResourceAccount": settings.account,
        "s3:ResourceAccount": settings.account,
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
        "aws:SourceAccount": None,
        "aws:SourceArn": None,
        "aws:PrincipalOrgID": None,
        "aws:SourceVpce": None,
    }
    for key, header in HEADER_KEYS.items():
        context[key] = request.headers.get(header) if has_request_context() else None
    return context
