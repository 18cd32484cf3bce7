"""Resource types that carry messages: rules, schedules, topics, queues, e-mail."""
