"""One file a layer: contract, cases, tolerance and scenarios, as data. contract.py reads them."""
