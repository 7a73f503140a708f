"""What can be wrong with reading a file in, or taking it back."""

from apps.core.errors import DomainError


class ImportRefused(DomainError):
    """The run is not where that can be asked of it."""

    code = "import_refused"


class UndoRefused(DomainError):
    """What a run changed cannot be taken back."""

    code = "undo_refused"


class UndoUnderWay(UndoRefused):
    """Somebody is undoing the run just now."""
