"""GitHub: what it is asked, how its answers are read, what they cost."""
