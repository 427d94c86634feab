"""How fast the ledger is, as ratios measured in one run: started by hand with `pytest -m benchmark -n 0`."""
