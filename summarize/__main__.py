"""`python -m summarize`: the command, without its script."""

from summarize.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
