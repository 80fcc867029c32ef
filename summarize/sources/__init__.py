"""Where articles come from.

In: files, folders, standard input, addresses, records of JSONL, JSON, CSV or TSV. Out: `Article`s,
one at a time, or the reason why there is none.
"""
