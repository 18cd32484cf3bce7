"""What a synth left: stacks, templates, state machines and rights, as other rooms read them."""
