"""The Metadata API and login over SOAP."""
