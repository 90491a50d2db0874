"""The same scores by other roads: SQL and data frames, each as good as we could make it.

Every peer gives one int64 score for each subject 0, 1, ... ``subjects - 1``.
"""
