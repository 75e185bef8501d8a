"""Child processes that never outlive the process that started them, however it ends."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 5 * 1024 * 1024
# Where the kernel has no parent-death signal (macOS), a shell waits for the end of a pipe that only we hold.
GUARD = 'read -r _; kill -s "$1" "$2" 2>/dev/null'


@dataclass
class Child:
    """A process in a session of its own, its output in a log file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    _guard: subprocess.Popen[bytes] | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self, *signals: signal.Signals, patience: float = 10.0) -> None:
        stop([self], *signals, patience=patience)

    def kill_session(self) -> None:
        """Kills the process and whatever it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self._guard:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None

    def tail(self, lines: int = 15) -> str:
        return tail(self.log, lines)


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    keep_open: Sequence[int] = (),
    user: int | None = None,
    cwd: Path | None = None,
    guard: bool = sys.platform != "linux",
) -> Child:
    """Starts `command`; when this process dies, even by SIGKILL, the child gets `death_signal`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=cwd,
            pass_fds=tuple(keep_open),
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            preexec_fn=None if guard else _die_with_parent(death_signal),
        )
    return Child(name, process, log, _start_guard(process.pid, death_signal) if guard else None)


def stop(children: Sequence[Child], *signals: signal.Signals, patience: float = 10.0) -> None:
    """Sends all of them each signal in turn, `patience` seconds apart; at last kills what is left."""
    for each in signals or (signal.SIGTERM,):
        for child in children:
            if child.alive:
                child.process.send_signal(each)
        deadline = time.monotonic() + patience
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
    for child in children:
        child.kill_session()


def tail(log: Path, lines: int = 15) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def end_with_parent(death_signal: signal.Signals = signal.SIGKILL) -> None:
    """Ties this very process to its parent, where the kernel can."""
    if sys.platform == "linux":
        _die_with_parent(death_signal, os.getppid())()


def _die_with_parent(death_signal: signal.Signals, parent: int | None = None) -> Callable[[], None]:
    parent = parent or os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the call above
            os._exit(1)

    return prepare


def _start_guard(pid: int, death_signal: signal.Signals) -> subprocess.Popen[bytes]:
    name = death_signal.name.removeprefix("SIG")
    return subprocess.Popen(
        ["/bin/sh", "-c", GUARD, "guard", name, str(pid)], stdin=subprocess.PIPE, start_new_session=True
    )
