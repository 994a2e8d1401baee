"""What new users are given, and how it is kept to once a mailbox."""

from canvascast import env

TRIAL_CREDITS = 10
TRIAL_BUDGET_CREDITS = env.integer("TRIAL_BUDGET_CREDITS", 5_000)
