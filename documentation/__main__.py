"""Write the pages of docs/ that are made from the code: `python -m documentation`."""

from documentation.rules_page import PAGE, rules_page


def main() -> None:
    """The command line."""
    PAGE.write_text(rules_page(), encoding="utf-8")
    print(f"Written: {PAGE}")


if __name__ == "__main__":
    main()
