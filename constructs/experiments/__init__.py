"""Experiments that go on and come back by themselves: ramp, watch, measurement, and who hears of them."""
