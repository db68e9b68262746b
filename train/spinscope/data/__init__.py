"""Data: from corpus files and articles to sentences, splits, checks and encodings."""
