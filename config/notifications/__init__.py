"""Every folder here that holds a notification.py is a notification; nothing else has to be told about it."""

from config.place import part
from config.types.discovery import Folders
from config.types.notification import Notification

discover = Folders(Notification, "notification", "notification.py", "NOTIFICATION").discover

NOTIFICATIONS = discover(part("notifications"))
