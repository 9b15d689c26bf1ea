"""Gogs: the REST API that Forgejo's grew from, of which it has less."""
