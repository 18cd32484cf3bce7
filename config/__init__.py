"""What a team edits: the stages and the use cases, and the rules both must obey."""

from config.place import HERE, folder

# `config.stages`, `config.delivery` and `config.demo` are those of the team's own folder, if there is one.
__path__ = list(dict.fromkeys((str(folder()), str(HERE))))
