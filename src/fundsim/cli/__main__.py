"""``python -m fundsim.cli``."""

from fundsim.cli import main

main()
