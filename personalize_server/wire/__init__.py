"""Requests and answers as bytes: protocols, validation by the service models, shapes."""
