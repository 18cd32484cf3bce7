"""Devices of users: registering, changing hands, and being forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.notifications.devices import (
    Devices,
    Registration,
    TokenRefused,
    TooManyDevices,
    UnknownPlatform,
)
from pipeline.notifications.table import NotificationTable, owner_key
from tests.app.support.in_memory import LaggingReads
from tests.app.support.notifying import TABLE


@pytest.fixture
def devices(dynamodb: Any) -> Devices:
    sns = boto3.client("sns", region_name="eu-west-1")
    made = sns.create_platform_application(Name="app", Platform="GCM", Attributes={"PlatformCredential": "x"})
    arn = made["PlatformApplicationArn"]
    return Devices(NotificationTable(dynamodb, TABLE), sns, {"android": arn})


def registered(devices: Devices, user: str) -> dict[str, str]:
    state = devices.table.state(user, "2026-W47", "weekly")
    return {device.id: device.endpoint for device in state.devices}


def owners(devices: Devices) -> dict[str, tuple[str, str]]:
    items = devices.table.client.scan(TableName=TABLE)["Items"]
    return {
        item["pk"]["S"].removeprefix("endpoint#"): (item["user"]["S"], item["device"]["S"])
        for item in items
        if item["sk"]["S"] == "owner"
    }


def test_registering_again_changes_nothing(devices: Devices) -> None:
    phone = Registration(user="7", device="phone", platform="android", token="t1")
    for _ in range(3):
        devices.register(phone, now=1)
    [application] = devices.applications.values()
    listed = devices.sns.list_endpoints_by_platform_application(PlatformApplicationArn=application)
    assert [endpoint["EndpointArn"] for endpoint in listed["Endpoints"]] == [
        registered(devices, "7")["phone"]
    ]


def test_what_was_registered_just_now_is_known_at_once(devices: Devices) -> None:
    table = NotificationTable(LaggingReads(devices.table.client), TABLE)
    devices = replace(devices, table=table)
    for number in range(20):
        devices.register(
            Registration(user="7", device=f"d{number}", platform="android", token=f"t{number}"), now=1
        )

    assert len(registered(devices, "7")) == 20
    with pytest.raises(TooManyDevices):
        devices.register(Registration(user="7", device="d", platform="android", token="t"), now=1)
    assert devices.forget("7", "d1")


def test_a_replaced_token_replaces_the_endpoint(devices: Devices) -> None:
    phone = Registration(user="7", device="phone", platform="android", token="t1")
    devices.register(phone, now=1)
    before = registered(devices, "7")["phone"]
    devices.register(replace(phone, token="t2"), now=2)
    after = registered(devices, "7")["phone"]
    assert after != before
    with pytest.raises(devices.sns.exceptions.NotFoundException):
        devices.sns.get_endpoint_attributes(EndpointArn=before)


def test_a_phone_that_changes_hands_gets_nothing_of_its_former_owner(devices: Devices) -> None:
    devices.register(Registration(user="7", device="phone", platform="android", token="t1"), now=1)
    devices.register(Registration(user="8", device="mine", platform="android", token="t1"), now=2)
    assert not registered(devices, "7")
    endpoint = registered(devices, "8")["mine"]
    attributes = devices.sns.get_endpoint_attributes(EndpointArn=endpoint)["Attributes"]
    assert attributes["CustomUserData"] == "8"


def test_nobody_owns_an_endpoint_that_was_replaced_or_forgotten(devices: Devices) -> None:
    """SNS makes the same endpoint again when the token comes back, then perhaps for somebody else."""
    phone = Registration(user="7", device="phone", platform="android", token="t1")
    devices.register(phone, now=1)
    devices.register(replace(phone, token="t2"), now=2)
    [device] = devices.table.state("7", "2026-W47", "weekly").devices
    assert owners(devices) == {device.endpoint: ("7", "phone")}
    devices.table.forget_device("7", device)
    assert not registered(devices, "7") and not owners(devices)
    devices.register(phone, now=3)
    devices.forget("7", "phone")
    assert not owners(devices)


def test_a_device_that_is_found_gone_after_it_changed_hands_stays_the_new_owner_s(devices: Devices) -> None:
    devices.register(Registration(user="7", device="phone", platform="android", token="t1"), now=1)
    [gone] = devices.table.state("7", "2026-W47", "weekly").devices
    devices.register(Registration(user="8", device="mine", platform="android", token="t1"), now=2)
    devices.table.forget_device("7", gone)
    devices.table.forget_owner(gone.endpoint, "7", "phone")
    assert owners(devices) == {gone.endpoint: ("8", "mine")}


def test_what_is_deleted_on_a_condition_says_whether_it_was(devices: Devices) -> None:
    devices.register(Registration(user="7", device="phone", platform="android", token="t1"), now=1)
    [(endpoint, (user, device))] = owners(devices).items()

    for expected, found in (("8", False), (user, True), (user, False)):
        asked = {"user": {"S": expected}, "device": {"S": device}}
        assert devices.table.delete_if(owner_key(endpoint), asked) is found


def test_whoever_owned_an_endpoint_once_keeps_the_device_that_has_another_by_now(devices: Devices) -> None:
    devices.register(Registration(user="7", device="phone", platform="android", token="t1"), now=1)
    live = registered(devices, "7")
    tablet = Registration(user="8", device="tablet", platform="android", token="t2")
    devices.register(tablet, now=2)
    stale = {"user": {"S": "7"}, "device": {"S": "phone"}}
    item = {**owner_key(registered(devices, "8")["tablet"]), **stale}
    devices.table.client.put_item(TableName=TABLE, Item=item)
    devices.register(tablet, now=3)
    assert registered(devices, "7") == live


def test_a_disabled_endpoint_works_again_once_the_app_registers(devices: Devices) -> None:
    phone = Registration(user="7", device="phone", platform="android", token="t1")
    devices.register(phone, now=1)
    endpoint = registered(devices, "7")["phone"]
    devices.sns.set_endpoint_attributes(EndpointArn=endpoint, Attributes={"Enabled": "false"})
    devices.register(phone, now=2)
    attributes = devices.sns.get_endpoint_attributes(EndpointArn=endpoint)["Attributes"]
    assert attributes["Enabled"].lower() == "true"


def test_a_forgotten_device_is_gone_and_forgetting_it_again_is_no_error(devices: Devices) -> None:
    devices.register(Registration(user="7", device="phone", platform="android", token="t1"), now=1)
    assert devices.forget("7", "phone") and not devices.forget("7", "phone")
    assert not registered(devices, "7")


class Closed:
    """SNS, whose endpoints cannot be deleted for a reason."""

    def __init__(self, sns: Any, code: str) -> None:
        self._sns, self._code = sns, code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sns, name)

    def delete_endpoint(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, "DeleteEndpoint")


@pytest.mark.parametrize(
    ("code", "gone"), [("AuthorizationErrorException", False), ("Throttled", False), ("NotFound", True)]
)
def test_a_device_is_forgotten_once_its_endpoint_is_gone(devices: Devices, code: str, gone: bool) -> None:
    devices.register(Registration(user="7", device="phone", platform="android", token="t1"), now=1)
    closed = Devices(devices.table, Closed(devices.sns, code), devices.applications)

    if gone:
        assert closed.forget("7", "phone")
    else:
        with pytest.raises(ClientError, match=code):
            closed.forget("7", "phone")
    assert list(registered(devices, "7")) == ([] if gone else ["phone"])


def test_a_platform_without_an_application_is_refused(devices: Devices) -> None:
    with pytest.raises(UnknownPlatform):
        devices.register(Registration(user="7", device="phone", platform="ios", token="t1"), now=1)
    assert issubclass(TokenRefused, ValueError)


class _Meanwhile:
    """A DynamoDB client: once it has counted for the first time, something else happens."""

    def __init__(self, client: Any, something: Callable[[], object]) -> None:
        self._client = client
        self._waiting = [something]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def query(self, **request: Any) -> Any:
        answer = self._client.query(**request)
        while self._waiting:
            self._waiting.pop()()
        return answer


def test_no_more_devices_than_there_may_be_are_registered_at_the_same_time(devices: Devices) -> None:
    def phone(number: int) -> Registration:
        return Registration(user="7", device=f"d{number}", platform="android", token=f"t{number}")

    for number in range(19):
        devices.register(phone(number), now=1)
    other = _Meanwhile(devices.table.client, lambda: devices.register(phone(101), now=1))
    with pytest.raises(TooManyDevices):
        replace(devices, table=NotificationTable(other, TABLE)).register(phone(100), now=1)
    found = registered(devices, "7")
    assert len(found) == 20 and "d101" in found
    assert owners(devices).keys() == set(found.values())
