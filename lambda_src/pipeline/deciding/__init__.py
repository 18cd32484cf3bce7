"""Whether a run goes on: is there anything new, may it cost what it will, is its model good enough."""
