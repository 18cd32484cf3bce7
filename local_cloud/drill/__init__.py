"""The drill: a region is lost under traffic, another takes over, the old one comes back; all is measured."""
