"""What people decide about summaries, and what follows from it.

In: summaries, and the decisions that a person makes about their items in a browser. Out: a file of
decisions, corrected summaries, and gold of what was reviewed. The page is the report's
(`report/page`) with `page` on top, its keys too.
"""
