"""Telling users' programs: signed, retried, never into a private network. `docs/adr/0013` weighs it."""
