"""Simulated forges, catalogues and web sites on loopback, for tests, benchmarks and the demo."""
