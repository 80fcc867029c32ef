"""Where articles come from.

In: files, folders, standard input, and records of JSONL, JSON, CSV or TSV, as a stream (`inputs`);
or one file, text or address (`articles`). Out: `Article`s, one at a time, or the reason why there
is none.
"""
