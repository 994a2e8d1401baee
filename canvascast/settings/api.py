"""How often the HTTP API may be called."""

# `read` counts per user or address in each web process, `write` exactly and over all of them; `…_key` per API key.
API_RATES = {"read": "240/min", "read_key": "120/min", "write": "60/min", "write_key": "30/min"}
