"""What makes one region of a stage the active one, in place of another: functions, and a state machine."""
