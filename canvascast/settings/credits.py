"""What new users are given, how it is kept to once a mailbox, and how long what they made is kept."""

from canvascast import env

# The files of a video are deleted so many days after it was made; 0: never.
ASSET_DAYS = env.integer("ASSET_DAYS", 90)
# Of backups, one a night, `backup --keep` leaves so many; 0: there are none.
BACKUP_DAYS = env.integer("BACKUP_DAYS", 14)
TRIAL_CREDITS = 10
TRIAL_BUDGET_CREDITS = env.integer("TRIAL_BUDGET_CREDITS", 5_000)
