"""Forgejo and Gitea: their REST API."""
