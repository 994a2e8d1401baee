"""Backups of database and files: taken whole or not at all, proven by restoring them, and brought back."""
