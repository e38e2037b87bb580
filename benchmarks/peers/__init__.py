"""The same compound sum given to every tool, one file per tool; ``python -m benchmarks.peers`` compares them."""
