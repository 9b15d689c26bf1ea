"""Forge clients: what to ask, how to page, what it costs. They know neither Scrapy nor the catalogue.

PyGithub and python-gitlab send; their own retries, sleeps and gaps are off, and their sessions are those of
`harvester.net`, which waits, counts, guards and revalidates.
"""
