"""Who bears the result: contract clauses."""
