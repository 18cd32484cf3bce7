"""The functions' environment, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.environment import Environment


@dataclass(frozen=True)
class StageEnvironment(Environment):
    """What every function knows."""

    stage: str


@dataclass(frozen=True)
class StepEnvironment(Environment):
    """What every step of the workflow knows. data_bucket: names as `Bucket.named` takes them."""

    data_bucket: str
    serving_table: str
    stage: str


@dataclass(frozen=True)
class RegionsEnvironment(Environment):
    """active_regions: those that may be active, joined by commas, the configuration's primary first."""

    active_regions: str
    serving_table: str


@dataclass(frozen=True)
class ExtractEnvironment(StepEnvironment):
    """`database_secret` is a secret's name; `database_ssl_mode` require, prefer, disable or verify-full."""

    database_secret: str
    database_ssl_mode: str


@dataclass(frozen=True)
class NotifyEnvironment(StepEnvironment):
    """Names of the notifications table, of the secret that signs links, and of the API's address in SSM."""

    notifications_table: str
    unsubscribe_secret: str
    api_address_parameter: str


@dataclass(frozen=True)
class TopicEnvironment(Environment):
    """topic_arn: where failures and alarms are told."""

    topic_arn: str


@cache
def step_environment() -> StepEnvironment:
    return StepEnvironment.read()


@cache
def extract_environment() -> ExtractEnvironment:
    return ExtractEnvironment.read()


@cache
def topic() -> str:
    return TopicEnvironment.read().topic_arn


@cache
def stage() -> str:
    return StageEnvironment.read().stage


@cache
def notify_environment() -> NotifyEnvironment:
    return NotifyEnvironment.read()
