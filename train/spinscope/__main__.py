"""`python -m spinscope`."""

from spinscope.cli import main

if __name__ == "__main__":
    main()
