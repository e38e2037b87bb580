"""How dear a case is: cost families."""
