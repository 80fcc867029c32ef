"""Teaches the evidence model from annotated articles.

In: articles, their gold, and the model's drafts. Out: a `Learned`, as `--evidence` reads it. The
package's own weights are made with the same code by benchmarks/train.py, which alone learns the
kinds of outcomes and the vocabulary.
"""
