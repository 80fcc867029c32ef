"""The article in a page of HTML.

In: HTML. Out: a `Page`: the article's text without what stands around it, and the page's metadata.
"""
