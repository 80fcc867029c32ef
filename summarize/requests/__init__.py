"""Files of requests: what a model is to be asked, written for others to ask, and their answers.

The form is that of OpenAI's batch files, which `vllm run-batch` reads, too. Nothing is kept from
one step to the next: a request is known by the hash of what it says, so whoever has the articles,
the model's name and the prompts finds its answer again.
"""

from summarize.requests.answers import Answers
from summarize.requests.collecting import Collection
from summarize.requests.files import RequestFiles
from summarize.requests.writing import Writing

__all__ = ["Answers", "Collection", "RequestFiles", "Writing"]
