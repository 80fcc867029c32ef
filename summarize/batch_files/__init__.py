"""Files of requests: what a model is to be asked, written for others to ask, and their answers.

The form is that of OpenAI's batch files, which `vllm run-batch` reads, too. Nothing is kept from
one step to the next: a request is known by the hash of what it says, so whoever has the articles,
the model's name and the prompts finds its answer again.
"""

from summarize.batch_files.answers import Answers
from summarize.batch_files.collecting import Collection
from summarize.batch_files.request_files import RequestFiles
from summarize.batch_files.writing import Writing

__all__ = ["Answers", "Collection", "RequestFiles", "Writing"]
