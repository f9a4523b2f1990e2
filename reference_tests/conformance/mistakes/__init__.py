"""The known mistakes: one file a layer with MISTAKES (and HISTORY, those of a state between calls).

A helper whose name is a verb makes a mistake; one whose name is a noun is a right part of the formula.
changes, windows, filters and channel_windows hold what the layers share.
"""
