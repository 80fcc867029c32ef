"""A batch over the machines of a Ray cluster.

In: articles and a model's settings. Out: the same results as of one machine. `summarizer` keeps
Ray's actors and hands articles out, `worker` is what such an actor does; only `connection` imports
Ray.
"""
