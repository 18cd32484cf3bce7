"""A trained model at work: its image on disk, its data as they are now, the lists that it gives."""
