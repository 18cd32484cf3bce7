"""What every other room of constructs builds on: functions, layers, rights, alarms, API, topic, schedule."""
