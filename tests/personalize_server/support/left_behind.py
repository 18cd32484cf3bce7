"""What a deployment without Personalize leaves of a stage, made through the APIs of Personalize and AWS."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.personalize_server.support.journey import (
    RECIPE,
    ROLE,
    interactions_csv,
    schema_text,
    settled,
    user_lines,
)
from tests.personalize_server.support.processes import REGION, client

RUN, SHARED_RUN = "20261121T195012345", "20261122T195012345"
SERVICE = "personalize.amazonaws.com"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}],
}
_WRITES = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}],
}


@dataclass(frozen=True)
class LeftBehind:
    """One stage; its only use case is posts. s3_endpoint: answers for S3, IAM, KMS and CloudWatch Logs."""

    personalize: Any
    s3_endpoint: str
    stage: str

    @property
    def name(self) -> str:
        return f"recs-{self.stage}-posts"

    @property
    def bucket(self) -> str:
        return f"{self.stage}-{REGION}-data-bucket83908e77-1"

    @property
    def beginning(self) -> str:
        return f"{self.stage.capitalize()}-{REGION}-Data-"

    @property
    def tags(self) -> Mapping[str, str]:
        return {"stage": self.stage, "service": "recs", "owner": "somebody"}

    def aws(self, service: str) -> Any:
        return client(service, self.s3_endpoint)

    @cached_property
    def group(self) -> str:
        return str(self.personalize.create_dataset_group(name=self.name)["datasetGroupArn"])

    def make_models(self) -> dict[str, str]:
        """ARNs: a group with a data set, a solution and a filter; nothing is imported or trained."""
        api = self.personalize
        schema = f"{self.name}-interactions-0123abcd"
        made = {"dataset_group": self.group}
        made["schema"] = api.create_schema(name=schema, schema=schema_text("Interactions"))["schemaArn"]
        made["dataset"] = api.create_dataset(
            name=f"{self.name}-interactions",
            schemaArn=made["schema"],
            datasetGroupArn=self.group,
            datasetType="Interactions",
        )["datasetArn"]
        made["solution"] = api.create_solution(
            name=f"{self.name}-89abcdef",
            datasetGroupArn=self.group,
            recipeArn=f"{RECIPE}aws-user-personalization-v2",
            performAutoTraining=False,
        )["solutionArn"]
        made["filter"] = self.filter(f"{self.name}-own-4567cdef")
        return made

    def filter(self, name: str, **tags: str) -> str:
        return str(
            self.personalize.create_filter(
                name=name,
                datasetGroupArn=self.group,
                filterExpression='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
                tags=[{"tagKey": key, "tagValue": value} for key, value in tags.items()],
            )["filterArn"]
        )

    def make_all(self) -> dict[str, str]:
        """All of a run besides: import, version, campaign, batch job, tracker, attribution; ARNs."""
        api, made = self.personalize, self.make_models()
        self.make_bucket()
        s3 = self.aws("s3")
        data = f"datasets/posts/{RUN}/interactions.csv"
        s3.put_object(Bucket=self.bucket, Key=data, Body=interactions_csv(60, 40, 20).encode())
        job = api.create_dataset_import_job(
            jobName=f"{self.name}-interactions-{RUN}",
            datasetArn=made["dataset"],
            dataSource={"dataLocation": f"s3://{self.bucket}/{data}"},
            roleArn=ROLE,
        )["datasetImportJobArn"]
        settled(lambda: api.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"])
        version = api.create_solution_version(solutionArn=made["solution"])["solutionVersionArn"]
        settled(lambda: api.describe_solution_version(solutionVersionArn=version)["solutionVersion"])
        made["solution_version"] = version
        made["campaign"] = api.create_campaign(name=self.name, solutionVersionArn=version)["campaignArn"]
        settled(lambda: api.describe_campaign(campaignArn=made["campaign"])["campaign"])
        batch = f"batch/posts/{RUN}/"
        s3.put_object(Bucket=self.bucket, Key=f"{batch}input/s.jsonl", Body=user_lines(["u1"]).encode())
        job = api.create_batch_inference_job(
            jobName=f"{self.name}-batch-{RUN}",
            solutionVersionArn=version,
            jobInput={"s3DataSource": {"path": f"s3://{self.bucket}/{batch}input/"}},
            jobOutput={"s3DataDestination": {"path": f"s3://{self.bucket}/{batch}output/"}},
            roleArn=ROLE,
        )["batchInferenceJobArn"]
        settled(lambda: api.describe_batch_inference_job(batchInferenceJobArn=job)["batchInferenceJob"])
        tracker = api.create_event_tracker(name=self.name, datasetGroupArn=self.group)
        made["event_tracker"] = tracker["eventTrackerArn"]
        made["metric_attribution"] = api.create_metric_attribution(
            name=f"{self.name}-clicks",
            datasetGroupArn=self.group,
            metrics=[{"eventType": "view", "metricName": "views", "expression": "SAMPLECOUNT()"}],
            metricsOutputConfig={"roleArn": ROLE},
        )["metricAttributionArn"]
        return made

    def make_bucket(self) -> None:
        """With versions, a key with a grant, a policy, and files of a run that another variant shares."""
        s3, kms = self.aws("s3"), self.aws("kms")
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_tagging(Bucket=self.bucket, Tagging={"TagSet": tags})
        key = kms.create_key(Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags])
        arn = key["KeyMetadata"]["Arn"]
        rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
        s3.put_bucket_encryption(
            Bucket=self.bucket,
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
        )
        kms.create_grant(KeyId=arn, GranteePrincipal=SERVICE, Operations=["Decrypt"])
        denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}
        ours = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "s3:*", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [denial, ours]}
        s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(policy))
        for key_, body in (
            (f"batch/posts/{RUN}/input/old.jsonl", "1"),
            (f"batch/posts/{RUN}/input/old.jsonl", "2"),
            (f"batch/posts/{SHARED_RUN}/input/s.jsonl", "shared"),
            (f"batch/posts/{SHARED_RUN}/output/s.jsonl.out", "Personalize's"),
            (f"batch/posts/{SHARED_RUN}/output/own/s.jsonl.out", "own"),
            (f"datasets/posts/{SHARED_RUN}/interactions.csv", "shared"),
            (f"runs/posts/personalize/{SHARED_RUN}.json", "{}"),
            (f"runs/posts/own/{SHARED_RUN}.json", "{}"),
            ("uploads/posts/interactions.csv", "the team's"),
        ):
            s3.put_object(Bucket=self.bucket, Key=key_, Body=body.encode())
        s3.delete_object(Bucket=self.bucket, Key=f"batch/posts/{RUN}/input/old.jsonl")

    def make_role_and_log_group(self) -> None:
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        iam = self.aws("iam")
        iam.create_role(
            RoleName=f"{self.beginning}PostsImportRole-1",
            AssumeRolePolicyDocument=json.dumps(_TRUST),
            Description="Amazon Personalize imports the datasets of posts",
            Tags=tags,
        )
        iam.put_role_policy(
            RoleName=f"{self.beginning}PostsImportRole-1", PolicyName="p", PolicyDocument=json.dumps(_WRITES)
        )
        self.aws("logs").create_log_group(
            logGroupName=f"{self.beginning}CampaignsFunctionLogsFFC174CB-1", tags=dict(self.tags)
        )

    def make_others_of_the_name(self) -> None:
        """A role, a log group and a bucket with names of the stage, and without its tags."""
        self.aws("iam").create_role(
            RoleName=f"{self.beginning}PostsBatchRole-2",
            AssumeRolePolicyDocument=json.dumps(_TRUST),
            Description="Amazon Personalize recommends in batches for posts",
            Tags=[{"Key": "service", "Value": "shop"}],
        )
        self.aws("logs").create_log_group(logGroupName=f"{self.beginning}CampaignsFunctionLogs-2")
        bucket, s3 = f"{self.stage}-{REGION}-data-theirs", self.aws("s3")
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=bucket, Key=f"batch/posts/{RUN}/input/s.jsonl", Body=b"theirs")

    def log_groups(self) -> list[str]:
        answer = self.aws("logs").describe_log_groups(logGroupNamePrefix=self.beginning)
        return [group["logGroupName"] for group in answer["logGroups"]]

    def keys(self) -> set[str]:
        """Of every version and delete marker."""
        answer = self.aws("s3").list_object_versions(Bucket=self.bucket)
        return {one["Key"] for one in (*answer.get("Versions", ()), *answer.get("DeleteMarkers", ()))}
