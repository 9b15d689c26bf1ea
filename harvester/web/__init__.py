"""The pages: visitors', review and operations consoles, and the JSON API. Everything works with HTML alone."""
