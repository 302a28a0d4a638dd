"""SOQL: the query language and the objects it knows."""
