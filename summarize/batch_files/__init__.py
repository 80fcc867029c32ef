"""Batch files: requests for others to answer, and their answers joined with the articles.

In: articles, or files of results. Out: files of requests as OpenAI's batches and `vllm run-batch`
read them, and summaries. A request is known by the hash of its body, so nothing else has to be kept
between these steps. `submitting` has OpenAI's batches answer the files.
"""

from summarize.batch_files.answers import Answers
from summarize.batch_files.collecting import Collection
from summarize.batch_files.request_files import RequestFiles, first_requests

__all__ = ["Answers", "Collection", "RequestFiles", "first_requests"]
