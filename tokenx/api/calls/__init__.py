"""The operations of the Metadata API, as functions of a caller and what it asks for.

They know neither SOAP nor REST: what goes in is read already, and what comes out is plain
data. Whoever answers writes it (facts/metadata-api.md 6).
"""
