"""How often the HTTP API may be called, and a visitor have a price counted or open a shared video."""

# `read` counts per user or address in each web process, `write` exactly and over all of them; `…_key` per API key.
# `count`: somebody who writes pauses less often than this; per address in each web process. `shared` and `shared_file`
# likewise: a school opens a video behind one address, each of its players asks for some ten pieces.
API_RATES = {
    "count": "40/min",
    "read": "240/min",
    "read_key": "120/min",
    "write": "60/min",
    "write_key": "30/min",
    "shared": "240/min",
    "shared_file": "1200/min",
}
