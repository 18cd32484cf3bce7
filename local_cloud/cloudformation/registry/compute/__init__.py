"""Resource types that run something: functions, their event sources, HTTP APIs, state machines."""
