from tests.engine.settings_trivial import *  # noqa: F403 - those settings with a queue that cannot be watched

QUEUES = {**QUEUES, "quick": None}  # noqa: F405
