"""Fitting a claims model: to records, to grouped tables, or to published figures (校准)."""
