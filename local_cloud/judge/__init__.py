"""Who asks the local cloud for what, and whether policies as deployed allow it; that is recorded."""
