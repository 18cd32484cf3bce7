"""What notifies people: workflow, functions, e-mails, inbox and links to unsubscribe."""
