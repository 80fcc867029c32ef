"""All weights and thresholds of the dossier, in one place.

They are set on the tuning half of the made truth of `benchmarks/dossier.py`, never on the other.
"""

from __future__ import annotations

from collections.abc import Mapping

# Names of persons

ALIKE = 0.65
"""Least similarity of two spellings of a part of a name with the same consonants; "Hassan" and
"Hussein" have 0.57, "Araghchi" and "Araqchi" 0.75."""
LONG_SKELETON = 5
"""Consonants that two names do not share by chance."""
FUZZY_PART = 0.15
"""What the score loses for a part that is spelled alike, and not a known form of the same name."""
MISSING_PART = 0.05
"""What it loses for a part that only one name has: Tayyip, in Recep Tayyip Erdoğan."""
NO_COUNTRY = 0.05
"""What it loses where one of the two has no country."""
ALIAS = 0.9
"""Score of two names that an article uses for one organization."""

# Meetings

MEETING_WEIGHTS: Mapping[str, float] = {
    "people": 3.0,
    "countries": 1.5,
    "day": 1.5,
    "places": 1.0,
    "type": 2.0,
    "topics": 1.0,
    "wording": 4.0,
}
"""What each comparator's score, from -1 to 1, adds to the log-odds that two reports are of one
meeting."""
MEETING_BIAS = -3.5
"""The log-odds where the comparators say nothing."""
THRESHOLD = 0.5
"""Least probability of two reports that are merged; moved by `--threshold`."""
KEPT = 0.1
"""Least probability of the pairs that are kept, for a threshold that is moved."""
OTHER_PEOPLE = -0.5
"""Score of the people below which nothing else makes two reports one meeting."""
MANY = 3
"""People of whom articles on a summit name some."""
NEWS_AGE = 7
"""Days within which a sentence is taken over from another article."""
SENTENCE = 6
"""Least number of content words of a sentence that two articles do not write by chance."""
COPY = 0.8
"""Least share of common runs of three words in the quotes of an article and its copy."""

# Follow-ups

FOLLOW_UP = 0.3
"""Least share of an outcome's content words that a later meeting has."""
FOLLOW_UP_WORDS = 2
"""Least number of such words."""
FOLLOW_UP_DAYS = 365
"""Days after a meeting in which others may take up its outcomes."""
MAX_FOLLOW_UPS = 3
