"""How likely it is that an article bears out an item: learned of annotated articles.

In go an article, its candidates and a draft; out come probabilities. No list of words says what a
word means: benchmarks/train.py learns the weights.
"""
