"""A batch over the machines of a Ray cluster.

In: articles and a `Summarizer`'s settings. Out: the same results as of one machine.
"""
