"""Metadata API calls as functions of a caller and parsed parameters.

They know neither SOAP nor REST: results are plain data that the caller of these functions
writes (docs/salesforce/metadata-api.md, SOAP operations).
"""
