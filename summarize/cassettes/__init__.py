"""Recorded requests, replayed without a network.

In: a file. Out: a patched network for the length of a run, which records to it or answers from it.
"""
