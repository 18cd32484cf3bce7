"""Background jobs: planned in the server, worked on in processes of their own, finished in the server."""
