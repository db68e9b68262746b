"""The verbs of the command line; a job is loaded when its verb runs."""
