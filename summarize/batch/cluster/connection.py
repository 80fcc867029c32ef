"""Connects to a Ray cluster, or starts one."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

from summarize.errors import ClusterError, ConfigurationError
from summarize.models.error_details import one_line

__all__ = ["Connection", "connected"]

# Bytes that Ray keeps for large objects; an article stays below its limit of 100 kB for small ones.
_OBJECT_STORE = 100 * 2**20
# Seconds until the head of a cluster has answered.
_HEAD_TIMEOUT = 10.0
# Ray prints messages about its nodes to standard output, where results go, and counts its users.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}


@dataclass(frozen=True, slots=True)
class Connection:
    """A cluster that this program is connected to.

    Attributes:
        ray: the package.
        where: the cluster, for messages.
    """

    ray: ModuleType
    where: str

    def nodes(self) -> list[dict[str, float]]:
        """Returns the resources of each node that has a CPU for tasks."""
        alive = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        return [resources for resources in alive if resources.get("CPU", 0) >= 1]


@contextmanager
def connected() -> Iterator[Connection]:
    """Connects to the cluster at `RAY_ADDRESS`, else starts one, which ends with the context.

    Where the program has called `ray.init` before, its cluster is used and left running.

    Raises:
        ClusterError: there is no such cluster.
        ConfigurationError: Ray is not installed, or cannot be loaded.
    """
    ray = _import_ray()
    if ray.is_initialized():
        yield Connection(ray, "as connected")
        return
    address = os.environ.get("RAY_ADDRESS", "").strip()
    # "local" is Ray's own word for a cluster of its own.
    address = "" if address == "local" else address
    _connect(ray, address)
    try:
        yield Connection(ray, address or "started for this run")
    finally:
        ray.shutdown()


def _connect(ray: ModuleType, address: str) -> None:
    if address and address != "auto":
        _check_head(address)
    # A cluster that is there already has its own of these.
    started = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    try:
        with _interrupted_late():
            ray.init(
                address=address or "local",
                log_to_driver=False,
                logging_level="CRITICAL",
                **({} if address else started),
            )
    except Exception as error:
        # Ray raises errors of many kinds.
        raise ClusterError(
            f"no Ray cluster can be had {f'at {address}' if address else 'here'}: "
            f"{one_line(str(error))}",
            hint="check the variables RAY_…, and that the cluster's Ray is of this version",
        ) from error


def _check_head(address: str) -> None:
    """Raises a ClusterError if nothing listens there: Ray tries for more than a minute (2.60)."""
    host, _, port = address.rpartition(":")
    if "://" in address or not (host and port.isdecimal()):
        raise ClusterError(f"RAY_ADDRESS: {address!r} is no address", hint="give HOST:6379 or auto")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_HEAD_TIMEOUT).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"no Ray cluster answers at {address}: {one_line(str(error))}",
            hint="check RAY_ADDRESS, or leave it out to have one started",
        ) from error


@contextmanager
def _interrupted_late() -> Iterator[None]:
    """Delays Ctrl-C: in the middle of its start Ray crashes over it (2.60)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def _import_ray() -> ModuleType:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.actor  # missing from a folder that happens to be called ray
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "the engine ray needs Ray, which is not installed", hint="pip install 'summarize[ray]'"
        ) from error
    except Exception as error:
        # A library that is missing, or one for another machine.
        raise ConfigurationError(
            f"Ray cannot be loaded: {one_line(str(error))}",
            hint="install it anew: pip install --force-reinstall 'summarize[ray]'",
        ) from error
    module: ModuleType = ray
    return module
