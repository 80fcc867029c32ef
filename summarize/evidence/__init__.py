"""How likely it is that an article bears out an item: learned of annotated articles.

In: an article, its candidates and a draft. Out: probabilities. What words mean is learned
(`benchmarks/train.py`, `summarize learn`), but for the English words for meetings and times in
`meeting_words.json`. `assisted` is the grounding of the strategy of this name.
"""
