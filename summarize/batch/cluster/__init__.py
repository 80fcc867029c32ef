"""A batch over the machines of a Ray cluster.

In: articles and a model's settings. Out: the same results as of one machine. `run` hands articles
out, `worker_pool` keeps the actors, `worker` is what an actor does; only `connection` imports Ray.
"""
