"""Results for people: figures, tables for the terminal and the notebook; every number with its error."""
