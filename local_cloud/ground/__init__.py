"""What every room of the local cloud stands on: settings, clients, policies; how moto is mended."""
