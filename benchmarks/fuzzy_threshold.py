"""Where the threshold of fuzzy matching comes from.

Run it as `python benchmarks/fuzzy_threshold.py`. It takes what the model said of each recorded
article (names, topics, outcomes) and looks for it in that article and in the four others, leaving
out what stands there to the letter or with its spelling folded. Nearly the same words in the own
article are a find; in another article they are an accident.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from summarize.article.article import Article
from summarize.grounding.matching import Finder
from summarize.prompting.draft import Draft
from summarize.sources.articles import read_file

ROOT = Path(__file__).parent.parent
THRESHOLDS = (70, 75, 80, 85, 90, 95)
# Characters. Shorter words are never matched nearly.
MIN_LENGTH = 8


def drafts() -> dict[str, Draft]:
    """Each recorded draft, by the text of the message that asked for it."""
    cassette = (ROOT / "cassettes" / "cassette.yaml").read_text(encoding="utf-8")
    found = {}
    for document in yaml.load_all(cassette, Loader=yaml.CSafeLoader):
        body = document["request"]["body"]
        if body["response_format"]["json_schema"]["name"] == Draft.__name__:
            answer = document["response"]["body"]["choices"][0]["message"]["content"]
            found[body["messages"][-1]["content"]] = Draft.model_validate_json(answer)
    return found


def said(draft: Draft) -> set[str]:
    """Everything of a draft that is to be found in its article."""
    values = [p.name for p in draft.participants] + draft.topics
    values += [outcome.text for outcome in draft.outcomes]
    return {value for value in values if len(value) >= MIN_LENGTH}


def main() -> None:
    """Prints how many values are found nearly, at each threshold."""
    articles: list[Article] = [read_file(path) for path in sorted((ROOT / "seeds").glob("*.txt"))]
    finders = {article.id: Finder(article.reading) for article in articles}
    own: list[float] = []
    other: list[float] = []
    for asked, draft in drafts().items():
        home = next(a.id for a in articles if a.reading.text in asked)
        for value in said(draft):
            for name, finder in finders.items():
                if next(finder.every(value), None) is None:
                    match = finder.nearest(value, threshold=min(THRESHOLDS))
                    (own if name == home else other).append(match.score if match else 0.0)
    print(f"{len(own)} values not in their own article to the letter, {len(other)} in others")
    print("threshold  found in their own  found in another")
    for threshold in THRESHOLDS:
        shares = [sum(score >= threshold for score in scores) for scores in (own, other)]
        rates = [f"{n:>4} {n / len(s):>6.1%}" for n, s in zip(shares, (own, other), strict=True)]
        print(f"{threshold:>9}  {rates[0]:>18}  {rates[1]:>16}")


if __name__ == "__main__":
    main()
