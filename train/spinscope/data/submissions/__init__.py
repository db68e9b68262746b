"""Files of the shared tasks: what their gold and submission files say, checked, read and written."""
