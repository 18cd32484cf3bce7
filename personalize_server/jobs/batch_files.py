"""The input files of batch jobs, each answered line by line in an output file."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from personalize_server.facts.failures import JobFailed
from personalize_server.facts.quotas import Quotas
from personalize_server.jobs.batch_plans import BatchAnswered, BatchFiles
from personalize_server.objects.locations import names_below, parse_location
from personalize_server.objects.opening import objects_of
from personalize_server.objects.s3 import Found, Objects

Answering = Callable[[Iterable[bytes], Path], int]
"""from the lines of an input file to its output file; the number of lines"""

_log = logging.getLogger(__name__)


def answer_files(batch: BatchFiles, prepare: Callable[[], Answering]) -> BatchAnswered:
    """Every input file's lines answered in a file of the same name and `.out`, below the same folders.

    `prepare` is called once the input is known to be there, in the existing folder `scratch`.
    Raises: JobFailed, if there is no input, or too much of it, or no place for the output.
    """
    objects = objects_of(batch.objects)
    files = _input_files(objects, batch.input, batch.quotas)
    output = parse_location(batch.output)
    if output is None:
        raise JobFailed("Invalid S3 output path")
    batch.scratch.mkdir(parents=True)
    answer = prepare()
    lines = 0
    names = names_below(batch.input, [found.location.key for found in files])
    for found, name in zip(files, names, strict=True):
        target = batch.scratch / "output"
        started = time.monotonic()
        done = answer(json_lines(objects.blocks(found.location)), target)
        seconds = time.monotonic() - started
        _log.info(
            "inferred", extra={"file": str(found.location), "lines": done, "seconds": round(seconds, 3)}
        )
        objects.upload(target, output.inside(f"{name}.out"))
        target.unlink()
        lines += done
    return BatchAnswered(files=len(files), lines=lines)


def json_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file, given as blocks of bytes, that are not blank."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from (line for line in whole if line.strip())
    if rest.strip():
        yield rest


def _input_files(objects: Objects, path: str, quotas: Quotas) -> list[Found]:
    location = parse_location(path)
    files = objects.below(location) if location else []
    if not files:
        raise JobFailed(f"Invalid S3 input path. There are no files at {path}.")
    if len(files) > quotas.batch_input_files:
        raise JobFailed(f"Invalid S3 input path. More than {quotas.batch_input_files} input files.")
    if sum(found.size for found in files) > quotas.batch_input_bytes:
        raise JobFailed(f"Invalid S3 input path. More than {quotas.batch_input_bytes} bytes of input.")
    return files
