"""10,000 malformed or hostile requests to the Personalize server: crashes, answers of 5xx, memory."""

import argparse
import collections
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path

import psutil

from personalize_server.server.methods import IMPLEMENTED
from tests.personalize_server.support.hostile import Verdict, send
from tests.personalize_server.support.hostile_requests import hostile_requests
from tests.personalize_server.support.model_requests import call
from tests.personalize_server.support.preconditions import valid
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.world import BUCKET, QUOTAS, World

_THREADS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        objects = Path(folder) / "objects"
        (objects / BUCKET).mkdir(parents=True)
        server = PersonalizeServer(
            Path(folder) / "data", None, ("--file-root", str(objects), *QUOTAS)
        ).start()
        try:
            _run(server, World(server.url, objects / BUCKET), asked.requests, asked.seed)
        finally:
            server.stop()


def _run(server: PersonalizeServer, world: World, count: int, seed: int) -> None:
    assert server.process is not None
    process = server.process.pid
    ready = {name: valid(world, name) for name in sorted(IMPLEMENTED) if not name.startswith("Delete")}
    verdict, lock = Verdict(), threading.Lock()
    requests = islice(hostile_requests(seed, ready), count)
    call(server.url, "GetRecommendations", ready["GetRecommendations"])  # loads what is loaded once
    memory = [(0, _megabytes(process))]
    started, done = time.monotonic(), 0

    def work() -> None:
        nonlocal done
        while True:
            with lock:
                request = next(requests, None)
            if request is None:
                return
            try:
                answer = send(("127.0.0.1", server.port), request)
            except OSError as problem:
                answer = f"no connection: {problem}".encode()
            with lock:
                verdict.add(request, answer)
                done += 1
                if done % (count // 10) == 0:
                    memory.append((done, _megabytes(process)))

    threads = [threading.Thread(target=work) for _ in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - started
    print(f"{done} requests in {seconds:.0f} s, seed {seed}")
    _report(verdict)
    print("memory of the server (MB) after so many requests:", *(f"{at}: {size:.0f}" for at, size in memory))
    alive = server.process.poll() is None
    print(f"server {'alive' if alive else 'DEAD'}; failures: {len(verdict.failures)}")
    for request, answer in verdict.failures[:10]:
        print("  ", request.kind, request.pieces[0][:300], "->", answer[:300])
    well = call(server.url, "GetRecommendations", {"campaignArn": world.campaign, "userId": "u1"})
    print(f"a recommendation afterwards: {well.status}, {len(well.content['itemList'])} items")


def _report(verdict: Verdict) -> None:
    by_kind: dict[str, dict[str, int]] = collections.defaultdict(dict)
    for (kind, ending), count in verdict.endings.items():
        by_kind[kind][ending] = count
    print("| kind | how they ended |\n|---|---|")
    for kind, endings in sorted(by_kind.items()):
        print(f"| {kind} | {', '.join(f'{ending}: {count}' for ending, count in sorted(endings.items()))} |")


def _megabytes(pid: int) -> float:
    """Resident, with its workers, without the processes of jobs that come and go."""
    return float(psutil.Process(pid).memory_info().rss / 1e6)


if __name__ == "__main__":
    main()
