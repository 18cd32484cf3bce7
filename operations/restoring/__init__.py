"""Tables of record, restored beside: compared, and what is missing put back; and the drill of that."""
