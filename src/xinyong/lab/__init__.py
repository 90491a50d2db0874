"""The lab: what a scheme does to a society of people who do not exist.

Chance is a function of (seed, month, stream, agent), never a generator that remembers. So results
do not depend on threads or on the order of work, and two schemes can be run under the same luck.

================  ==========================================================================
``compiling``     how the lab's loops are compiled, and how they run without the compiler
``exact``         logarithm, exponential and normal quantile, the same bits on every road
``chance``        the one source of randomness
``networks``      who knows whom, as compressed rows
``margins``       the numbers behind people and firms, each with its mark and its source
``population``    people and firms drawn to those numbers
``exchange``      the wealth exchange of statistical physics, as a check of both regimes
================  ==========================================================================
"""
