"""Which deployments a change needs, in which order, and what stands against another one."""
