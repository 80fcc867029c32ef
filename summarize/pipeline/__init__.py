"""One article from end to end: read, asked about, grounded, summarized.

In: an `Article`, a model, a strategy. Out: a `Summary`. Also in worker processes, so that one
process can speak to the model while others read and ground.
"""
