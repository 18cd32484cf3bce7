"""What a stage costs a month, by line: from configuration, templates, dated prices and stated volumes."""
