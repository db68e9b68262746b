"""What `spinscope study` is made of: the plan that a file states, and the table of what came out."""
