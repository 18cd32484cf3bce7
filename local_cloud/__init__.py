"""AWS on this machine: moto's server plus what it lacks."""
