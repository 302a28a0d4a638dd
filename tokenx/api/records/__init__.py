"""Records over the API: describe, create, update, delete."""
