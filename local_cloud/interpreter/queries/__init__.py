"""JSONata as Step Functions evaluates it: its own functions, its bounds, faults of the library mended."""
