"""Summarizes many articles, and resumes where a run was stopped or killed.

In: a stream of articles and an output file. Out: a `BatchResult` for each, one line of JSON.
`cluster` spreads a run over machines with Ray.
"""
