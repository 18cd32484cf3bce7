"""The server of the local cloud: moto and every room around it, on one port."""
