"""Leaving Amazon Personalize: what of a stage is left of it, removing that, and the proof that it is gone."""
