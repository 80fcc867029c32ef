"""How right summaries are.

In: summaries, their articles, and gold: what a reader found in them. Out: scores with bootstrap
intervals, and every quote checked against its article.
"""
