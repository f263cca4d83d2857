"""What tldr-bench costs, next to others: `python -m benchmarks`. Not part of the installed package."""
