"""Every place at which the product can die between two facts, found rather than written.

`sites.py` reads the list from the source: each commit, row written, file renamed, paid call, mail. `hooks.py` stands
where all of them pass (the driver of PostgreSQL, `os`, the record of calls, mail) and names what passes after the line
of the product that caused it. `stage.py` plays flows in child processes with a fault at one of these points, and lets
whoever retries in life retry. Nothing of it is in the product: `docs/adr/0020` weighs that.
"""
