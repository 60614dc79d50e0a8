"""Workers that are processes of this computer, each at the other end of a pipe; which item one has begun stands in shared memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection, Pipe, wait

from detector.batch import messages, plan
from detector.batch.crew import BEFORE, POLL, Crew, Tell, Worker, tell_nobody
from detector.batch.mark import NUMBER, Mark
from detector.batch.messages import Setup, Told
from detector.batch.plan import Shard
from detector.processes import environment


@dataclass(slots=True, eq=False, kw_only=True)
class _Process(Worker):
    process: subprocess.Popen[bytes]
    connection: Connection = field(repr=False)
    mark: Mark = field(repr=False)


class Pool(Crew[_Process]):
    """Some processes that run `module`: one a processor where `workers` is 0."""

    def __init__(
        self, setup: Setup, workers: int, *, on_item: Callable[[], None], tell: Tell = tell_nobody, module: str = "detector.batch.worker"
    ) -> None:
        super().__init__(workers or os.cpu_count() or 1, on_item=on_item, tell=tell)
        self._setup, self._module = setup, module

    def _start(self) -> _Process:
        ours, theirs = Pipe()
        with theirs, tempfile.TemporaryFile(buffering=0) as file:
            file.write(bytes(NUMBER.size))  # so that there is room for it, whatever fills the disk later
            passed = theirs.fileno(), file.fileno()
            command = [sys.executable, "-P", "-m", self._module, *map(str, passed)]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=passed, env=environment())  # noqa: S603 - ours
            mark = Mark(file.fileno())
        messages.send(ours, **asdict(self._setup))
        return _Process(process=process, connection=ours, mark=mark)

    def _listen(self) -> Iterator[tuple[_Process, Told]]:
        by_connection = {worker.connection: worker for worker in self._workers}
        for connection in wait(list(by_connection), timeout=POLL):
            worker = by_connection[connection]  # type: ignore[index]  # connections are all that is waited for
            try:
                told = messages.receive(worker.connection)
            except (EOFError, OSError):
                worker.process.kill()
                yield worker, {"kind": "ended", "why": f"exit status {worker.process.wait()}"}
            else:
                yield worker, told

    def _begun(self, worker: _Process) -> int:
        return worker.mark.read()

    def _give(self, worker: _Process, shard: Shard, skipped: list[int]) -> None:
        worker.mark.write(BEFORE)
        messages.send(worker.connection, shard=plan.to_json(shard), skipped=skipped)

    def _end(self, worker: _Process) -> None:
        worker.connection.close()
        worker.process.kill()
        worker.process.wait()
        worker.mark.close()
