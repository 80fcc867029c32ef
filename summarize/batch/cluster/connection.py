"""A connection to a Ray cluster, one for all runs of a program at a time."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType, ModuleType

from summarize.errors import ClusterError, ConfigurationError
from summarize.models.error_mapping import one_line

__all__ = ["Connection", "connected"]

# Bytes. What Ray keeps for large objects: a job has an article, which stays below its 100 kB.
_OBJECT_STORE = 100 * 2**20
# Seconds until the head of a cluster has answered.
_KNOCKING = 10.0
# What a client of HTTP/2 says first, and the first bytes of the frame that answers it but for its
# length: settings, on the connection itself (RFC 9113, 3.4 and 6.5). Ray speaks gRPC.
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_LENGTH, _SETTINGS = 3, b"\4"
# Ray prints what it thinks of its nodes to standard output, where results go, and counts its users.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}


@dataclass(frozen=True, slots=True)
class Connection:
    """A cluster that this program is connected to.

    Attributes:
        ray: the package.
        where: the cluster in words.
    """

    ray: ModuleType
    where: str

    def check(self) -> None:
        """Sees whether the cluster's head is there.

        Raises:
            ClusterError: it does not answer.
        """
        _knock(self.ray.get_runtime_context().gcs_address)


@dataclass
class _Shared:
    """What the runs of this program share: Ray has one connection a process."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    is_ours: bool = False


_shared = _Shared()


@contextmanager
def connected() -> Iterator[Connection]:
    """The cluster at `RAY_ADDRESS`, else one started, which ends with the last run on it.

    Where the program has called `ray.init` already, that is the one.

    Raises:
        ClusterError: there is no such cluster.
        ConfigurationError: Ray is not installed, or cannot be loaded.
    """
    ray = _import_ray()
    address = os.environ.get("RAY_ADDRESS", "").strip()
    # Ray's own word for one that is started.
    address = "" if address == "local" else address
    with _shared.lock:
        if not _shared.users:
            _shared.is_ours = not ray.is_initialized()
            if _shared.is_ours:
                _connect(ray, address)
        _shared.users += 1
    try:
        started = address or "started for this run"
        yield Connection(ray, started if _shared.is_ours else "as connected")
    finally:
        with _shared.lock:
            _shared.users -= 1
            if _shared.is_ours and not _shared.users:
                ray.shutdown()


def _connect(ray: ModuleType, address: str) -> None:
    if "://" in address:
        raise ClusterError(
            f"RAY_ADDRESS: {address!r} is no address of a cluster's head",
            hint="give HOST:6379 or auto, and run the command on a machine of the cluster",
        )
    if address and address != "auto":
        _knock(address)
    # A cluster that is there already has its own of these.
    started = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    try:
        with _uninterrupted():
            ray.init(
                address=address or "local",
                log_to_driver=False,
                logging_level="CRITICAL",
                **({} if address else started),
            )
    except Exception as error:
        # Of its settings, of a network, of a version: all sorts of them.
        raise ClusterError(
            f"no Ray cluster can be had {f'at {address}' if address else 'here'}: "
            f"{one_line(str(error))}",
            hint=_hint(address),
        ) from error


def _hint(address: str) -> str:
    if address == "auto":
        return "start one with ray start --head, or leave RAY_ADDRESS out"
    if address:
        return "check that its Ray is of this version (summarize doctor), and RAY_ADDRESS"
    return "check the variables RAY_… and the folder of temporary files (RAY_TMPDIR)"


def _knock(address: str) -> None:
    """Whether gRPC is spoken there: Ray itself tries for more than a minute (2.60).

    Raises:
        ClusterError: it is not.
    """
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        raise ClusterError(f"RAY_ADDRESS: {address!r} is no address", hint="give HOST:6379 or auto")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCKING) as caller:
            caller.sendall(_GREETING)
            answer = b""
            while len(answer) <= _LENGTH and (more := caller.recv(64)):
                answer += more
    except (OSError, OverflowError) as error:
        why = one_line(str(error))
    else:
        if answer[_LENGTH : _LENGTH + 1] == _SETTINGS:
            return
        why = "something else does"
    raise ClusterError(
        f"no Ray cluster answers at {address}: {why}",
        hint="check RAY_ADDRESS, or leave it out to have one started",
    )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keeps a first Ctrl-C for the end: in the middle of its start Ray crashes over it (2.60)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = 0

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed += 1
        if pressed > 1:
            raise KeyboardInterrupt

    # Not where they are ignored, as for a program in the background.
    before = {
        number: signal.signal(number, interrupt)
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if pressed:
        raise KeyboardInterrupt


def _import_ray() -> ModuleType:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise _broken(str(error)) from error
        raise ConfigurationError(
            "the engine ray needs Ray, which is not installed", hint="pip install 'summarize[ray]'"
        ) from error
    except Exception as error:
        # Of a library that is missing, of one for another machine.
        raise _broken(str(error)) from error
    module: ModuleType = ray
    if not hasattr(module, "init"):
        places = ", ".join(map(str, getattr(module, "__path__", [])))
        raise ConfigurationError(
            f"the engine ray needs Ray, and finds something else of that name ({places})",
            hint="rename it, or run the command in another folder",
        )
    return module


def _broken(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"Ray cannot be loaded: {one_line(why)}",
        hint="install it anew: pip install --force-reinstall 'summarize[ray]'",
    )
