"""`python -m config.new`: a use case or notification as a folder that passes the checks, to be filled in."""
