"""The API's description in OpenAPI 3.1, built from what is deployed."""
