"""Measured against what an analyst would write; see city.py."""
