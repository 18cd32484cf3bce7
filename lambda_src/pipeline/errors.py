"""The named errors of the workflow: a state machine catches them by these class names."""


class PipelineError(Exception):
    """Any failure that the workflow reports by name."""


class InvalidInput(PipelineError):
    """The step was called with an incomplete or mistyped input."""


class UnknownFormat(PipelineError):
    """A newer version has written it, in a format that this one does not know; see `pipeline.formats`."""


class DatabaseUnavailable(PipelineError):
    """The database cannot be reached, refuses the login or went away."""


class QueryFailed(PipelineError):
    """PostgreSQL refused or aborted the query; the message has the SQLSTATE."""


class StorageFailed(PipelineError):
    """S3 refused a request or did not answer; the message has the code."""


class ObjectMissing(StorageFailed):
    """There is no such object."""


class FileMissing(PipelineError):
    """There is no file of a dataset that is read from one; the message says where it must be."""


class FileUnreadable(PipelineError):
    """A file of a dataset is not of its format, or has columns that are no text, number, time or list."""


class EventsUnfinished(PipelineError):
    """There are more tracked events than there was time; what is done is kept, and the next call goes on."""


class DatasetRejected(PipelineError):
    """The data breaks a rule of its dataset; the message has counts and the first rows."""

    def __init__(self, message: str, *, rows: int, rejected: int) -> None:
        super().__init__(message)
        self.rows, self.rejected = rows, rejected


class DataChanged(PipelineError):
    """The data has changed more since the last good run than it may; the message has the counts."""


class MetricMissing(PipelineError):
    """The solution version has no metric of the name that is to be judged."""


class RunTooDear(PipelineError):
    """The run would cost more than its use case allows; the message has figures, and nothing was paid for."""


class EmptyAudience(PipelineError):
    """Nobody is there to recommend to."""


class ShardIncomplete(PipelineError):
    """A batch output does not have exactly one whole line per user of its shard."""


class TableBusy(PipelineError):
    """DynamoDB kept throttling, or handing back what it had not processed."""


class GenerationIncomplete(PipelineError):
    """Too few users of the audience have a list."""


class CatalogueTooLarge(PipelineError):
    """There are more items than a directory can have."""


class GenerationSuperseded(PipelineError):
    """A newer generation is being served already, or the pointer was moved meanwhile."""


class GenerationMissing(PipelineError):
    """The generation to serve does not exist (any more)."""


class Fenced(PipelineError):
    """Another region of the stage is active, or nobody can say whether it is; the message says which."""


class SwitchRefused(PipelineError):
    """A region cannot become the active one like that; the message has every reason, one a line."""


class SwitchUnfinished(PipelineError):
    """A step of a switch has waited as long as it may; the message says for what."""


class SwitchFailed(PipelineError):
    """A region could not do its part of a switch, or does not answer; the message says which and why."""


class ProviderUnavailable(PipelineError):
    """SES or SNS takes no messages at all for now; nothing is lost, the rest of the run can be redriven."""


class SendingNotAllowed(ProviderUnavailable):
    """SES or SNS takes no messages before somebody has done what the message says; nothing is lost."""


class ExperimentBroken(PipelineError):
    """The item of an experiment breaks the rules of its members; the message names every one."""


class ExperimentChanged(PipelineError):
    """Somebody else changed the experiment meanwhile."""


class ChangeRefused(PipelineError):
    """An experiment cannot be changed like that; the message has every reason, one a line."""


class CleanUpUnfinished(PipelineError):
    """There was more to remove than there was time."""


class SolutionNotUpdated(PipelineError):
    """Personalize refused a solution's new settings after all, or is not done with them."""


class MeasurementBroken(PipelineError):
    """Counts of a day are not whole, and its events are not there to count them again."""


class QueueUnavailable(PipelineError):
    """SQS did not take every message."""
