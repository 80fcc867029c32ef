"""An article: its text as given, and what of it is worth reading.

In: text and what is known of it. Out: an `Article`, and its `Reading`: sentences without
navigation, markup and invisible characters, each character mapped to its offset in the text.
"""
