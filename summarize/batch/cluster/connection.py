"""Connects to a Ray cluster, or starts one, and works out how many workers it has room for."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from types import ModuleType

from summarize.errors import ClusterError, ConfigurationError
from summarize.models import ModelSettings
from summarize.models.error_mapping import one_line

# Bytes that Ray keeps for large objects; an article stays below its limit of 100 kB for small ones.
_OBJECT_STORE = 100 * 2**20
# Seconds until the head of a cluster has answered.
_HEAD_TIMEOUT = 10.0
# Ray prints messages about its nodes to standard output, where results go, and counts its users.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}
# Articles in flight for each node by default, and for each worker at most while there are CPUs for
# more of them. An article takes a worker some 6 ms: 32 in flight at an endpoint that answers within
# a second take a fifth of a CPU.
_IN_FLIGHT = 32
# CPUs and bytes. The embedded model was measured on two cores, and asks for 2 GB (README).
_LOCAL_CPUS = 2
_LOCAL_MEMORY = 2 * 10**9


@contextmanager
def connected() -> Iterator[tuple[ModuleType, str]]:
    """Connects to the cluster at `RAY_ADDRESS`, else starts one, which ends with the context.

    Where the program has called `ray.init` before, its cluster is used and left running.

    Yields:
        Ray, and the cluster's name for messages.

    Raises:
        ClusterError: there is no such cluster.
        ConfigurationError: Ray is not installed, or cannot be loaded.
    """
    ray = _import_ray()
    if ray.is_initialized():
        yield ray, "as connected"
        return
    address = os.environ.get("RAY_ADDRESS", "").strip()
    # "local" is Ray's own word for a cluster of its own.
    address = "" if address == "local" else address
    if address not in {"", "auto"}:
        _check_head(address)
    # A cluster that is there already has its own of these.
    started = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    try:
        ray.init(
            address=address or "local",
            log_to_driver=False,
            logging_level="CRITICAL",
            **({} if address else started),
        )
    except Exception as error:  # Ray raises errors of many kinds
        raise ClusterError(
            f"no Ray cluster can be had {f'at {address}' if address else 'here'}: "
            f"{one_line(str(error))}",
            hint="check the variables RAY_…, and that the cluster's Ray is of this version",
        ) from error
    try:
        yield ray, address or "started for this run"
    finally:
        ray.shutdown()


def _check_head(address: str) -> None:
    """Raises a ClusterError if nothing listens there: Ray tries for more than a minute (2.60)."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_HEAD_TIMEOUT).close()
    except (OSError, OverflowError, ValueError) as error:
        raise ClusterError(
            f"no Ray cluster answers at {address}: {one_line(str(error))}",
            hint="give RAY_ADDRESS as HOST:6379 or auto, or leave it out to have one started",
        ) from error


def _import_ray() -> ModuleType:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.actor  # missing from a folder that happens to be called ray
    except Exception as error:  # also of a library that is missing, or is for another machine
        raise ConfigurationError(
            f"the engine ray needs Ray, which cannot be loaded ({one_line(str(error))})",
            hint="pip install 'summarize[ray]'",
        ) from error
    module: ModuleType = ray
    return module


@dataclass(frozen=True, slots=True)
class PoolSize:
    """The workers of a run: articles in flight are those of all workers together.

    `resources` are what each worker takes of its node, as Ray names it.
    """

    workers: int
    concurrency: int
    resources: Mapping[str, float]

    @property
    def share(self) -> int:
        """Articles in flight of one worker."""
        return ceil(self.concurrency / self.workers)


def pool_size(
    nodes: Sequence[Mapping[str, float]], settings: ModelSettings, concurrency: int | None
) -> PoolSize:
    """Returns the workers that suit a cluster.

    Args:
        nodes: the resources of each, as Ray names them: "CPU" in number, "memory" in bytes.
        settings: of the model.
        concurrency: articles in flight as asked for; None for 32 a node, or, with the embedded
            model, for as many as there is room for.

    Raises:
        ClusterError: there is no room for one.
    """
    cpus = [int(node["CPU"]) for node in nodes if node.get("CPU", 0) >= 1]
    if not cpus:
        raise ClusterError(
            "no node of the Ray cluster has a CPU for tasks", hint="start one with --num-cpus 1"
        )
    if not settings.is_local:
        most = concurrency or _IN_FLIGHT * len(cpus)
        number = min(sum(cpus), max(len(cpus), ceil(most / _IN_FLIGHT)), most)
        return PoolSize(number, most, {"num_cpus": 1})
    each = min(_LOCAL_CPUS, max(cpus))
    fits = sum(
        min(int(node.get("CPU", 0)) // each, int(node.get("memory", 0)) // _LOCAL_MEMORY)
        for node in nodes
    )
    if not fits:
        raise ClusterError(
            "no node of the Ray cluster has 2 GB of memory for the embedded model",
            hint="start one with --memory 2000000000, or name another model with --model",
        )
    number = min(fits, concurrency or fits)
    return PoolSize(number, number, {"num_cpus": each, "memory": _LOCAL_MEMORY})
