"""What a script that tests the service must find."""


def check(what, holds):
    """Prints what holds, or ends the script."""
    check_quietly(what, holds)
    print(f"✓ {what}", flush=True)


def check_quietly(what, holds):
    """The same without a line if it holds, for what is checked many times."""
    if not holds:
        raise SystemExit(f"✗ {what}")
