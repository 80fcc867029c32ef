"""`summarize schema`: the JSON Schema of a summary."""

from __future__ import annotations

import argparse
import json
import sys

from summarize.cli import DONE
from summarize.schema import Summary


def run(options: argparse.Namespace) -> int:  # noqa: ARG001
    """Prints the schema; returns the exit code."""
    schema = Summary.model_json_schema(mode="serialization")
    sys.stdout.write(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
    return DONE
