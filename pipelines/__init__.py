"""An item's way through Scrapy: one stage a file. Normalize reads it, validate checks it, store keeps it."""
