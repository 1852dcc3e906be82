"""The routes: parameters in, answers out, and nothing else."""
