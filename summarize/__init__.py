"""Structured summaries of news about officials meeting."""
