"""Right prerequisites, one a file and each whole in itself: what is sent to a submission's process in place of its own
im2col, say, when that is wrong and what needs it is asked again. Plain, and the answer to nothing that is asked after.
"""
