"""The token endpoint, the identity provider simulator's addresses, and Try It."""
