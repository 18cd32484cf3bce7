"""What can go wrong in the engine, by name."""


class EngineError(Exception):
    """Anything the engine refuses."""


class DataError(EngineError, ValueError):
    """The data cannot be learned from; the message says what to change."""


class ConfigError(EngineError, ValueError):
    """A setting is outside its range."""


class ArtifactError(EngineError):
    """A stored model is torn, foreign or of a version this engine does not read."""
