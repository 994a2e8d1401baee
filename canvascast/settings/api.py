"""How often the HTTP API may be called, and a visitor have a price counted."""

# `read` counts per user or address in each web process, `write` exactly and over all of them; `…_key` per API key.
# `count`: somebody who writes pauses less often than this; per address in each web process.
API_RATES = {"count": "40/min", "read": "240/min", "read_key": "120/min", "write": "60/min", "write_key": "30/min"}
