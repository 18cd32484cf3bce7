"""Why somebody gets what they get: what was known of them, what each model said, what is served and why."""
