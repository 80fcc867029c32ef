"""Many articles: planned, summarized, kept, gone on with.

In: a stream of articles and an output file. Out: a `BatchResult` or `BatchError` for each, one line
of JSON, also after a run was killed. `cluster` spreads a run over machines with Ray.
"""
