"""The engine: executions are claimed, performed and committed here, and looked at by everybody else."""
