"""Meetings and actors across articles: who met whom, when, and what became of it.

In: summaries, and what people decided about who is who. Out: `MeetingRecord`s and `ActorRecord`s,
each merge with its reasons and every line with its quotes, as JSONL, tables, event codes and a
page.
"""
