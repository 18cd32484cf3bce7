"""A trained model in use: ranked lists, scores that mean chances, variety; and its file on disk."""
