"""Asks the embedded model about annotated articles, and keeps what it answers.

Run it as `python benchmarks/drafts.py --articles NEWS --output DRAFTS`: a line of JSON for each
article with the draft that the model filled. It goes on where it was stopped. Keep the file out of
the project: a draft is in the article's own words.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from annotations import read_annotations, read_invented

from summarize import Summarizer
from summarize.models import Meter
from summarize.prompting.draft import Draft


def main() -> None:
    """Asks, and writes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=Path, action="append", required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    file: Path = options.output
    known = file.read_text("utf-8").splitlines() if file.exists() else []
    done = {json.loads(line)["id"] for line in known}
    with Summarizer("local") as summarizer, file.open("a", encoding="utf-8") as output:
        for annotated in [*read_annotations(options.articles), *read_invented()]:
            if annotated.id in done:
                continue
            question = summarizer.begin(annotated.article).question
            assert question
            draft = summarizer.model.ask(question, Meter()).value
            assert isinstance(draft, Draft)
            line = {"id": annotated.id, "draft": draft.model_dump()}
            output.write(f"{json.dumps(line, ensure_ascii=False)}\n")
            output.flush()
            print(annotated.id, flush=True)


if __name__ == "__main__":
    main()
