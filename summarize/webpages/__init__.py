"""The article in a page of HTML.

In: HTML. Out: a `Page`: the article's text without the page around it, and the page's metadata.
trafilatura finds the article; the modules here hide, flatten and narrow the page for it.
"""
