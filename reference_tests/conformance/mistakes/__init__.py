"""The known mistakes: one file a layer, each a change of what a reference answers."""
