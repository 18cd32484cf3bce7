"""Processes of functions by fork: what nearly all of them import is imported once, here.

Started by path, like worker.py, with the descriptor of a socket; knows nothing of the local cloud. A message
to it is JSON, {"environment", "folder", "layers"}, with three descriptors: those that a worker talks and
lives by, and its log. It answers {"pid"}, and says {"ended", "status"} of each one when it is over. It ends
when nobody holds the other end any more.
"""

import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

LONGEST_MESSAGE = 1 << 20


def preload(names: list[str]) -> None:
    for name in names:
        importlib.import_module(name)


def read_models(services: list[str]) -> None:
    """Sessions share what they read of services' models, which takes nine tenths of making a client."""
    import botocore.session

    setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))  # noqa: B010
    nobody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody", "region_name": "us-east-1"}
    for service in services:
        botocore.session.get_session().create_client(service, **nobody)


def _worker() -> Any:
    specification = importlib.util.spec_from_file_location(
        "_function_worker", Path(__file__).with_name("worker.py")
    )
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def serve(channel: socket.socket, worker: Any) -> None:
    ended, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    while True:
        ready, _, _ = select.select([channel.fileno(), ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _tell_ended(channel)
        if channel.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(channel, LONGEST_MESSAGE, 3)
            if not message:
                return
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for descriptor in (ended, wakes):
                    os.close(descriptor)
                channel.close()
                _become(json.loads(message), descriptors, worker)
            for descriptor in descriptors:
                os.close(descriptor)
            channel.send(json.dumps({"pid": pid}).encode())


def _tell_ended(channel: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        channel.send(json.dumps({"ended": pid, "status": os.waitstatus_to_exitcode(status)}).encode())


def _become(asked: dict[str, Any], descriptors: list[int], worker: Any) -> None:
    """What a process started for the function alone would be. Never returns."""
    talk, life, log = descriptors
    status = 1
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for theirs, own in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(theirs, own)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        time.tzset()
        sys.path[:0] = [os.environ["LAMBDA_TASK_ROOT"]]
        sys.path.extend(asked["layers"])
        importlib.invalidate_caches()
        worker.main(talk, life)
        status = 0
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    descriptor, names, models = sys.argv[1:]
    gc.disable()
    preload(names.split(","))
    read_models(models.split(","))
    worker = _worker()
    # All of this stays: functions share it, where looking through it would copy it.
    gc.freeze()
    gc.enable()
    serve(socket.socket(fileno=int(descriptor)), worker)
