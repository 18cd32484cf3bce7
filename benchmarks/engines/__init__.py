"""The engine by itself: quality on data sets, what comes again, defaults, sizes."""
