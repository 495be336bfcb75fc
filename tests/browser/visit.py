"""A visit to the Designer: what a person does there, in the words of its pages."""

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Locator, Page, Response, expect

ADMIN_PASSWORD = "correct horse battery staple"
MOST_MILLISECONDS = 40_000

# Chromium writes a line for every answer of 400 or more, htmx for what is given up when a page
# is left; both are meant.
_MEANT = (
    "Failed to load resource: the server responded with a status of",
    "htmx:afterRequest",
    "htmx:sendAbort",
)


@dataclass
class Visit:
    """One page in a browser context of its own, and what its console said."""

    page: Page
    address: str
    console: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(MOST_MILLISECONDS)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.console.append(str(error)))

    def open(self, path: str = "/") -> Response:
        """Go to a page by its address."""
        response = self.page.goto(self.address.rstrip("/") + path)
        assert response is not None
        return response

    def log_in(self, name: str = "admin", password: str = ADMIN_PASSWORD) -> None:
        """From the log-in page to the main window."""
        self.try_to_log_in(name, password)
        self.arrive(self.page.get_by_role("heading", name="Endpoints"))

    def arrive(self, there: Locator) -> None:
        """Wait until a page that shows `there` has loaded, and its scripts with it.

        What is pressed before they are at work is answered by a page instead of a window.
        """
        expect(there).to_be_visible()
        self.page.wait_for_load_state()

    def try_to_log_in(self, name: str, password: str) -> None:
        """Fill in the log-in page and send it."""
        self.open("/log-in")
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.press("Log in")

    def choose_from_menu(self, menu: str, entry: str) -> None:
        """Open a menu of the frame and choose an entry."""
        self.page.locator("summary", has_text=menu).click()
        self.page.locator("details[open]").get_by_text(entry, exact=True).click()

    def open_settings(self, tab: str) -> Locator:
        """Server > Settings, then a tab; returns the window."""
        self.choose_from_menu("Server", "Settings")
        window = self.window("Server settings")
        window.get_by_role("link", name=tab, exact=True).click()
        expect(window.get_by_role("link", name=tab, exact=True)).to_have_attribute(
            "aria-current", "page"
        )
        return window

    def open_location(self, tab: str) -> Locator:
        """On to Edit certificate location; returns the window."""
        self.open_settings(tab).get_by_role("link", name="Select X.509 certificate").click()
        return self.window("Edit certificate location")

    def window(self, title: str) -> Locator:
        """The open dialog with this title."""
        dialog = self.page.get_by_role("dialog", name=title)
        expect(dialog).to_be_visible()
        return dialog

    def press(self, button: str) -> None:
        """Press a button of the page."""
        self.page.get_by_role("button", name=button, exact=True).first.click()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_MEANT):
            self.console.append(message.text)
