"""The sections of `spinscope audit`, one question each."""
