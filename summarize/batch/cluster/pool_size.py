"""How many workers suit a cluster, and what each takes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from summarize.errors import ClusterError
from summarize.models import ModelSettings

__all__ = ["IN_FLIGHT_EACH", "Staff", "staff"]

# In flight for each node unless told otherwise, and for each worker at most while there are CPUs
# for more of them. An article takes a worker some 6 ms: 32 in flight at an endpoint that answers
# within a second take a fifth of a CPU.
IN_FLIGHT_EACH = 32
# The embedded model was measured on two cores, and asks for 2 GB of memory (README).
_LOCAL_CPUS = 2
_LOCAL_MEMORY = 2 * 10**9


@dataclass(frozen=True, slots=True)
class Staff:
    """The workers of a run.

    Attributes:
        workers: how many.
        concurrency: articles in flight, of all together.
        room: articles at a time in one of them; None for any number.
        resources: what each takes of its node, as Ray names it.
    """

    workers: int
    concurrency: int
    room: int | None
    resources: Mapping[str, float]


def staff(
    nodes: Sequence[Mapping[str, float]], settings: ModelSettings, concurrency: int | None
) -> Staff:
    """The workers that suit a cluster.

    Args:
        nodes: what each has, as Ray names it: "CPU" in number, "memory" in bytes.
        settings: of the model.
        concurrency: articles in flight as asked for; None for 32 a node, or, with the embedded
            model, for as many as there is room for.

    Raises:
        ClusterError: there is no room for a single one.
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
        return Staff(number, number, 1, {"num_cpus": each, "memory": _LOCAL_MEMORY})
    most = concurrency or IN_FLIGHT_EACH * len(cpus)
    number = min(sum(cpus), max(len(cpus), ceil(most / IN_FLIGHT_EACH)), most)
    return Staff(number, most, None, {"num_cpus": 1})
