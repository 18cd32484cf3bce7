"""How good is a model: splits, metrics and what is made of them."""
