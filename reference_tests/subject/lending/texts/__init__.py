"""Right components, one a file, each whole in itself and without the answer to anything that is checked later.

One is sent to a subject's process in place of its own im2col, say, if that is wrong or not there; none is imported.
"""
