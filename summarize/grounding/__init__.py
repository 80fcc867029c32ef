"""Where an article says what a draft says.

In: an article and a draft. Out: `Grounded`: actors, agenda items and outcomes in the article's
words with exact quotes, and what was not found. Nothing here judges what a sentence means.
"""
