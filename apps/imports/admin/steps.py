"""The four steps of an import, as the strip above each page."""

from django.urls import reverse

from apps.imports.models import ImportRun

_STEPS = (
    ("upload", "Upload"),
    ("match", "Match columns"),
    ("preview", "Dry run"),
    ("run", "Read in"),
)
_BEFORE_IT = (
    ImportRun.State.UPLOADED,
    ImportRun.State.CHECKING,
    ImportRun.State.CHECKED,
)


def step_of(run: ImportRun) -> str:
    """Which page a run is at."""
    if run.state == ImportRun.State.UPLOADED:
        return "match"
    is_refused = run.state == ImportRun.State.FAILED and not run.total
    return "preview" if run.state in _BEFORE_IT or is_refused else "run"


def steps(at: str, run: ImportRun | None = None) -> list[tuple[str, str, bool]]:
    """(name, address or "", whether it is this one); one can go back to what can still
    be changed."""
    can_match = run is not None and not run.done and step_of(run) != "run"
    addresses = {"upload": reverse("admin:imports_importrun_upload")}
    if run is not None and can_match:
        addresses["match"] = reverse("admin:imports_importrun_match", args=[run.pk])
    return [(label, addresses.get(name, ""), name == at) for name, label in _STEPS]
