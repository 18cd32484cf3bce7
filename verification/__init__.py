"""The first account in one command: deploys a small stage, runs it, checks beliefs about AWS, removes it."""
