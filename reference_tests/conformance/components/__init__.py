"""One file a layer: all that is known of it, as data. contract.py reads them."""
