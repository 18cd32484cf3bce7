"""Data that goes, is replaced, or is kept and protected less; and the traps of Personalize."""

from typing import Any

from tests.app.synth.review.mutating import Resources, Table, ids, one, remove, with_property

DATA = Table()
TABLE, BUCKET, GROUP = "DynamoDB::GlobalTable", "S3::Bucket", "Personalize::DatasetGroup"


def serving(resources: Resources) -> Any:
    return one(resources, TABLE, TableName="recs-prod-serving")


@DATA.of("Data", "DATA-002", "MODEL-001", "MODEL-002", "MODEL-003", "MODEL-006")
def a_dataset_group_gets_another_name(resources: Resources) -> None:
    one(resources, GROUP)["Name"] = "recs-prod-posts-2"


@DATA.of("Data", "DATA-003", "MODEL-009")
def a_dataset_group_is_taken_from_the_stack(resources: Resources) -> None:
    remove(resources, GROUP)


@DATA.of("Data", "MODEL-004", "MODEL-001")
def two_dataset_groups_are_replaced_at_once(resources: Resources) -> None:
    for name in ids(resources, GROUP)[:2]:
        resources[name]["Properties"]["Name"] += "-2"


@DATA.of("Data", "MODEL-008")
def a_dataset_group_is_added(resources: Resources) -> None:
    resources["NewGroup"] = {"Type": f"AWS::{GROUP}", "Properties": {"Name": "recs-prod-new"}}


@DATA.of("Data", "MODEL-002", "DATA-002")
def a_recipe_goes_from_v1_to_v2(resources: Resources) -> None:
    one(resources, "Personalize::Solution")["RecipeArn"] = (
        "arn:aws:personalize:::recipe/aws-user-personalization"
    )


@DATA.of("Data", "MODEL-003", "DATA-002", "PLAN-003")
def a_schema_gets_a_field(resources: Resources) -> None:
    schema = one(resources, "Personalize::Schema")
    schema["Schema"] = schema["Schema"].replace('{"name":"USER_ID","type":"string"},', "")


@DATA.of("Data", "MODEL-006")
def a_filter_gets_another_expression(resources: Resources) -> None:
    one(resources, "Personalize::Filter")["FilterExpression"] = 'EXCLUDE ItemID WHERE Items.OLD IN ("yes")'


@DATA.of("Data", "MODEL-007")
def events_of_a_solution_get_other_weights(resources: Resources) -> None:
    settings = next(each for each in resources.values() if each["Type"] == "Custom::SolutionSettings")
    settings["Properties"]["EventTypes"][0]["weight"] = 0.1


@DATA.of("Tracking", "MODEL-005")
def an_event_tracker_gets_another_name(resources: Resources) -> None:
    one(resources, "Personalize::EventTracker")["Name"] += "-2"


@DATA.of("Data", "DATA-003")
def the_serving_table_is_taken_from_the_stack(resources: Resources) -> None:
    remove(resources, TABLE, TableName="recs-prod-serving")


@DATA.of("Data", "DATA-002")
def the_serving_table_gets_another_name(resources: Resources) -> None:
    serving(resources)["TableName"] = "recs-prod-serving-2"


@DATA.of("Data", "DATA-002", "DATA-015")
def the_serving_table_gets_another_key(resources: Resources) -> None:
    serving(resources)["KeySchema"][1]["AttributeName"] = "pk2"


@DATA.of("Data", "DATA-004")
def the_serving_table_is_no_longer_retained(resources: Resources) -> None:
    resources[ids(resources, TABLE, TableName="recs-prod-serving")[0]]["DeletionPolicy"] = "Delete"


@DATA.of("Data", "DATA-004")
def a_replaced_bucket_is_no_longer_retained(resources: Resources) -> None:
    del resources[ids(resources, BUCKET)[0]]["UpdateReplacePolicy"]


@DATA.of("Data", "DATA-006")
def point_in_time_recovery_is_off(resources: Resources) -> None:
    for replica in serving(resources)["Replicas"]:
        replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] = False


@DATA.of("Notifications", "DATA-006")
def point_in_time_recovery_reaches_less_far_back(resources: Resources) -> None:
    for replica in one(resources, TABLE)["Replicas"]:
        replica["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"] = 3


@DATA.of("Data", "DATA-007")
def items_of_the_serving_table_expire_no_more(resources: Resources) -> None:
    serving(resources)["TimeToLiveSpecification"]["Enabled"] = False


@DATA.of("Data", "DATA-007")
def items_expire_by_another_attribute(resources: Resources) -> None:
    serving(resources)["TimeToLiveSpecification"]["AttributeName"] = "created"


@DATA.of("Data", "DATA-008")
def a_replica_is_taken_away(resources: Resources) -> None:
    serving(resources)["Replicas"] = serving(resources)["Replicas"][1:]


@DATA.of("Data", "DATA-013", "PLAN-002")
def two_replicas_are_added_at_once(resources: Resources) -> None:
    for region in ("eu-west-2", "eu-north-1"):
        serving(resources)["Replicas"].append({**serving(resources)["Replicas"][0], "Region": region})


@DATA.of("Data", "DATA-013", "DATA-006")
def a_replica_is_added_that_cannot_be_restored(resources: Resources) -> None:
    serving(resources)["Replicas"].append({"Region": "eu-west-2"})


@DATA.of("Data", "DATA-015")
def the_stream_of_a_table_is_off(resources: Resources) -> None:
    del serving(resources)["StreamSpecification"]


@DATA.of("Data", "DATA-010")
def a_table_is_encrypted_with_the_keys_of_the_service(resources: Resources) -> None:
    serving(resources)["SSESpecification"] = {"SSEEnabled": False}


@DATA.of("Data", "COST-005")
def a_table_gets_fixed_capacity(resources: Resources) -> None:
    serving(resources)["BillingMode"] = "PROVISIONED"


@DATA.of("Data", "DATA-003")
def the_data_bucket_is_taken_from_the_stack(resources: Resources) -> None:
    del resources[ids(resources, BUCKET)[1]]


@DATA.of("Data", "DATA-009")
def the_data_bucket_keeps_no_versions(resources: Resources) -> None:
    with_property(resources, BUCKET, "VersioningConfiguration")["VersioningConfiguration"] = {
        "Status": "Suspended"
    }


@DATA.of("Data", "DATA-009")
def access_logs_are_kept_for_a_shorter_time(resources: Resources) -> None:
    one(resources, BUCKET)["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] = 7


@DATA.of("Data", "DATA-018")
def objects_expire_no_more(resources: Resources) -> None:
    del with_property(resources, BUCKET, "VersioningConfiguration")["LifecycleConfiguration"]


@DATA.of("Data", "DATA-010")
def a_bucket_is_encrypted_otherwise(resources: Resources) -> None:
    with_property(resources, BUCKET, "VersioningConfiguration").pop("BucketEncryption")


@DATA.of("Data", "DATA-016")
def a_bucket_is_emptied_with_its_stack(resources: Resources) -> None:
    resources["Emptier"] = {"Type": "Custom::EmptyBucket", "Properties": {"Bucket": "x"}}


@DATA.of("Data", "DATA-014")
def a_new_table_is_not_retained(resources: Resources) -> None:
    replica = {"Region": "eu-west-1"}
    resources["New"] = {"Type": f"AWS::{TABLE}", "Properties": {"TableName": "new", "Replicas": [replica]}}


@DATA.of("Data", "DATA-003")
def the_key_is_taken_from_the_stack(resources: Resources) -> None:
    remove(resources, "KMS::Key")


@DATA.of("Data", "DATA-010")
def the_key_is_not_rotated(resources: Resources) -> None:
    one(resources, "KMS::Key")["EnableKeyRotation"] = False


@DATA.of("Data", "DATA-010")
def the_key_is_disabled(resources: Resources) -> None:
    one(resources, "KMS::Key")["Enabled"] = False


@DATA.of("Notifications", "DATA-017")
def the_secret_is_generated_anew(resources: Resources) -> None:
    one(resources, "SecretsManager::Secret")["GenerateSecretString"]["PasswordLength"] = 32


@DATA.of("Notifications", "DATA-008")
def the_secret_loses_its_replica(resources: Resources) -> None:
    del one(resources, "SecretsManager::Secret")["ReplicaRegions"]


@DATA.of("Notifications", "DATA-002")
def the_secret_gets_another_name(resources: Resources) -> None:
    one(resources, "SecretsManager::Secret")["Name"] += "-2"


@DATA.of("Tracking", "DATA-001")
def the_queue_of_events_is_removed(resources: Resources) -> None:
    remove(resources, "SQS::Queue")


@DATA.of("Tracking", "DATA-009")
def dead_letters_are_kept_for_a_shorter_time(resources: Resources) -> None:
    with_property(resources, "SQS::Queue", "MessageRetentionPeriod")["MessageRetentionPeriod"] = 3_600


@DATA.of("Training", "DATA-009")
def logs_are_kept_for_a_shorter_time(resources: Resources) -> None:
    one(resources, "Logs::LogGroup")["RetentionInDays"] = 1


def copied(resources: Resources) -> None:
    rules = [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copies"}}]
    one(resources, BUCKET)["ReplicationConfiguration"] = {"Role": "r", "Rules": rules}


@DATA.of("Data", "DATA-011", given=copied)
def a_bucket_is_no_longer_copied(resources: Resources) -> None:
    del one(resources, BUCKET)["ReplicationConfiguration"]


def a_store(resources: Resources) -> None:
    resources["Store"] = {"Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "postgres", "DBName": "a"}}


@DATA.of("Data", "DATA-002", given=a_store)
def a_database_gets_another_name(resources: Resources) -> None:
    resources["Store"]["Properties"]["DBName"] = "b"


@DATA.of("Data", "DATA-012", given=a_store)
def a_database_gets_another_engine(resources: Resources) -> None:
    resources["Store"]["Properties"]["Engine"] = "mysql"


def protected(resources: Resources) -> None:
    for replica in serving(resources)["Replicas"]:
        replica["DeletionProtectionEnabled"] = True


@DATA.of("Data", "DATA-005", given=protected)
def protection_of_a_table_against_deletion_is_off(resources: Resources) -> None:
    for replica in serving(resources)["Replicas"]:
        replica["DeletionProtectionEnabled"] = False


@DATA.of("Data", "DATA-005", given=protected)
def a_replica_is_added_without_protection(resources: Resources) -> None:
    added = {**serving(resources)["Replicas"][0], "Region": "eu-west-2", "DeletionProtectionEnabled": False}
    serving(resources)["Replicas"].append(added)
