"""What a model is asked.

In: an article's text and a strategy. Out: the prompt, from the templates in `prompts/`, and the
`Draft`: the form that the model fills.
"""
