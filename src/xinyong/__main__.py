"""``python -m xinyong`` is the command ``xinyong``."""

from xinyong.cli import main

main()
