"""What a server is started with."""

from dataclasses import dataclass, field
from pathlib import Path

from personalize_server.facts.made_to_fail import MadeToFail
from personalize_server.facts.quotas import Quotas
from personalize_server.facts.rates import NO_LIMITS, Rates
from personalize_server.facts.timing import Timing


@dataclass(frozen=True, kw_only=True)
class Options:
    data: Path
    begin_anew: bool = False
    """whether to move aside what is in the folder"""
    trust_state: bool = False
    """whether to serve from a state that may not be that of the data; what it does not know is moved aside"""
    host: str = "127.0.0.1"
    port: int = 8181
    """0: any free one"""
    s3_endpoint: str | None = None
    """None: Amazon S3"""
    file_root: Path | None = None
    """jobs read and write files below this folder, whose folders are buckets; None: S3"""
    assume_roles: bool = False
    """whether jobs read and write as their `roleArn`; else as the server itself"""
    timing: Timing = Timing("instant")  # noqa: RUF009
    quotas: Quotas = field(default_factory=Quotas)
    rates: Rates = NO_LIMITS
    made_to_fail: MadeToFail = field(default_factory=MadeToFail)
    access_keys: Path | None = None
    """whose requests are accepted; None: anybody's, without a look at signatures"""
    account: str = "123456789012"
    """whose requests they are, where requests are not authenticated"""
    region: str = "us-east-1"
    """of requests that name none"""
    workers: int = 1
    """processes that answer requests"""
    jobs: int = 2
    """background jobs at once"""
    attribution_period: float = 900.0
    """seconds between reports of metric attributions on events that come one by one"""
    max_request_bytes: int = 6_000_000
    read_timeout: float = 60.0
    """seconds that a client may take to send a request"""
    drain_seconds: float = 0.0
    """how long to answer on, not ready any more, after being asked to end"""
    log_level: str = "info"

    @property
    def state_file(self) -> Path:
        return self.data / "state.sqlite3"

    @property
    def datasets(self) -> Path:
        return self.data / "datasets"

    @property
    def models(self) -> Path:
        return self.data / "models"

    @property
    def trials(self) -> Path:
        """What searches for hyper-parameters that are under way have tried."""
        return self.data / "trials"

    @property
    def images(self) -> Path:
        """What campaigns answer from; made anew when it is not there."""
        return self.data / "serving"

    @property
    def metrics(self) -> Path:
        """Figures that processes leave for each other."""
        return self.data / "metrics"

    @property
    def ready(self) -> Path:
        """Which processes have everything at hand."""
        return self.data / "ready"

    @property
    def buckets(self) -> Path:
        """What processes count together; made anew at each start."""
        return self.data / "buckets"

    @property
    def leases(self) -> Path:
        """Who reads data and models that may be replaced meanwhile."""
        return self.data / "leases"

    @property
    def scratch(self) -> Path:
        """What running jobs write before it counts."""
        return self.data / "scratch"
