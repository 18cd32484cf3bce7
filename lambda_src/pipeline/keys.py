"""Where everything lies in the data bucket."""


def dataset(use_case: str, run: str, name: str) -> str:
    return f"datasets/{use_case}/{run}/{name}.csv"


def manifest(use_case: str, run: str, name: str) -> str:
    return f"datasets/{use_case}/{run}/{name}.manifest.json"


def opted_out(use_case: str, run: str) -> str:
    """Ids of the people whose rows a run leaves out."""
    return f"datasets/{use_case}/{run}/opted-out.json"


def refused(use_case: str, run: str, name: str) -> str:
    """Rows that a dataset was refused for, with their values: personal data, kept as long as datasets are."""
    return f"datasets/{use_case}/{run}/{name}.refused.json"


def batch(use_case: str, run: str) -> str:
    """The folder of a run's batch inference, ending in a slash."""
    return f"batch/{use_case}/{run}/"


def batch_output(use_case: str, run: str) -> str:
    """The folder of a run's batch output, ending in a slash."""
    return f"{batch(use_case, run)}output/"


def shard(folder: str, number: int) -> str:
    return f"{folder}shard-{number:05d}.jsonl"


def output_beside(output: str, variant: str) -> str:
    """Of a shard's batch output, where several variants write theirs: each into a folder of its own."""
    folder, slash, name = output.rpartition("/")
    return f"{folder}{slash}{variant}/{name}"


def run_record(use_case: str, variant: str, run: str) -> str:
    return f"runs/{use_case}/{variant}/{run}.json"


def last_good(use_case: str, variant: str) -> str:
    return f"runs/{use_case}/{variant}/last_good.json"


def model(use_case: str, variant: str, run: str) -> str:
    return f"models/{use_case}/{variant}/{run}/model.rec"


def model_configuration(use_case: str, variant: str, run: str) -> str:
    """What a model's training has learned of how to train, as the engine reads it."""
    return f"models/{use_case}/{variant}/{run}/configuration.json"


def model_weights(use_case: str, variant: str) -> str:
    """Of a blend: learned once, and used by the runs that follow."""
    return f"models/{use_case}/{variant}/weights.json"


def notifications(notification: str, run: str) -> str:
    """The folder of a run of notifications, ending in a slash."""
    return f"notifications/{notification}/{run}/"


def notification_record(notification: str, run: str) -> str:
    return f"runs/notifications/{notification}/{run}.json"
