"""How many workers a cluster has room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from summarize.errors import ClusterError
from summarize.models import ModelSettings

__all__ = ["PoolSize", "pool_size"]

# Articles in flight for each node by default, and for each worker at most while there are CPUs for
# more of them. An article takes a worker some 6 ms: 32 in flight at an endpoint that answers within
# a second take a fifth of a CPU.
_IN_FLIGHT = 32
# CPUs and bytes. The embedded model was measured on two cores, and asks for 2 GB (README).
_LOCAL_CPUS = 2
_LOCAL_MEMORY = 2 * 10**9


@dataclass(frozen=True, slots=True)
class PoolSize:
    """The workers of a run.

    Attributes:
        workers: their number.
        concurrency: articles in flight, of all workers together.
        resources: what each worker takes of its node, as Ray names it.
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
    if settings.is_local:
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
    most = concurrency or _IN_FLIGHT * len(cpus)
    number = min(sum(cpus), max(len(cpus), ceil(most / _IN_FLIGHT)), most)
    return PoolSize(number, most, {"num_cpus": 1})
