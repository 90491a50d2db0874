"""Readings of emission instruments: taken in, and looked at for signs of made-up data.

Organisations only. A sign found here is a *flag*: a reason to inspect sooner. It is no finding, no
event, and no part of any score; ``docs/sensors.md`` says how often each kind of fabrication is
seen, at which rate of false alarms, and what cannot be seen at all.
"""
