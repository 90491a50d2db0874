"""A transparent engine for scoring schemes: what is said, what happened, how many points."""

__version__ = "0.1.0"
