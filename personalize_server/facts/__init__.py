"""What the service lays down, recipes, resources, quotas, errors, its API's model; the server's options."""
