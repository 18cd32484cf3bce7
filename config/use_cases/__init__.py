"""Every folder here that holds a use_case.py is a use case; nothing else has to be told about it."""

from config.place import part
from config.types.discovery import Folders
from config.types.use_case import UseCase

discover = Folders(UseCase, "use case", "use_case.py", "USE_CASE").discover

USE_CASES = discover(part("use_cases"))
