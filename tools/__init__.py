"""Aids of development, run in a checkout: the harvest of recorded sources with its report."""
