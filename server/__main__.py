"""`python -m server` is `dockgate`."""

from server.cli import main

if __name__ == "__main__":
    main()
