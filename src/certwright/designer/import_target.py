"""Where an import was begun from, and so where it leads back to."""

from dataclasses import dataclass

from certwright.designer.certificate_location import ImportedAs, location_address
from certwright.designer.certificate_window_contents import entry_address
from certwright.designer.manager_address import store_address
from certwright.services.endpoints import EndpointName
from certwright.stores.place import PERSONAL
from certwright.stores.store import StoredCertificate


@dataclass(frozen=True)
class ImportTarget:
    """The Certificate Manager, or the settings of the `endpoint` that a certificate is for."""

    endpoint: EndpointName | None = None

    @property
    def address(self) -> str:
        """The page with the form for the files, and where the import itself is sent to."""
        if self.endpoint is None:
            return "/certificates/import"
        return f"/settings/{self.endpoint}/certificate/import"

    @property
    def preview(self) -> str:
        """Where the form for the files is sent to."""
        return f"{self.address}/preview"

    @property
    def back(self) -> str:
        """Where Cancel leads."""
        if self.endpoint is None:
            return store_address(PERSONAL)
        return location_address(self.endpoint)

    def after(self, stored: StoredCertificate, *, is_new: bool) -> str:
        """Where it goes on with what was imported."""
        fingerprint, place = stored.certificate.fingerprint, stored.place
        if self.endpoint is None:
            return entry_address(fingerprint, place, done="imported" if is_new else "known")
        return location_address(
            self.endpoint,
            place,
            chosen=fingerprint,
            imported=ImportedAs.NEW if is_new else ImportedAs.KNOWN,
        )
