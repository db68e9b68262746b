"""The shared tasks' own scores, one module per family of rules; plain spans, labels and arrays in, figures out."""
