"""The APIs that clients call: the Metadata API over SOAP and the REST API."""
