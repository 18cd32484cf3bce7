"""What would have been sent: e-mails and push messages, for people and tests to read."""

from local_cloud.outbox.store import Email, Push, emails, empty, folder, pushes, put

__all__ = ["Email", "Push", "emails", "empty", "folder", "pushes", "put"]
