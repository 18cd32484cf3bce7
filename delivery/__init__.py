"""What a pipeline asks and does on the way from a merged pull request to the regions."""
