"""Many packages in one call: some may be refused while the others are taken."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apps.integrations.contracts import ActionFailure, BatchProgress, ItemFailure
from apps.integrations.errors import PlatformError
from apps.integrations.tiktok.codes import action_fault, fault_of
from apps.integrations.tiktok.pages import parts
from apps.integrations.tiktok.reading import (
    JsonObject,
    identifier,
    mapping,
    sequence,
    text,
    whole_number,
)
from apps.integrations.tiktok.replies import sentence_for, words_without

LARGEST_BATCH = 50


def in_batches(
    entries: Mapping[str, Any], send: Callable[[list[Any]], JsonObject]
) -> list[ActionFailure]:
    """Send {id: what to send of it}, 50 a call; the failures of those refused.

    Where a call fails as a whole its error is raised, and its `progress` tells what had
    become of the calls before.
    """
    ids = list(entries)
    failures: list[ActionFailure] = []
    start = 0
    for batch in parts(ids, LARGEST_BATCH):
        try:
            data = send([entries[remote_id] for remote_id in batch])
        except PlatformError as error:
            error.progress = _progress(ids, start, len(batch), failures)
            raise
        failures += failures_from_json(data, batch)
        start += len(batch)
    return failures


def _progress(
    ids: list[str], start: int, size: int, failures: list[ActionFailure]
) -> BatchProgress:
    refused = {failure.remote_id for failure in failures}
    return BatchProgress(
        taken=tuple(each for each in ids[:start] if each not in refused),
        failures=tuple(
            ItemFailure(each.remote_id, each.code, each.message) for each in failures
        ),
        unsure=tuple(ids[start : start + size]),
        unsent=tuple(ids[start + size :]),
    )


def failures_from_json(data: JsonObject, sent: Sequence[str]) -> list[ActionFailure]:
    """One failure for each thing that was refused; all others of the call were taken.

    An error that names nothing we sent counts against each thing sent that the answer
    does not show as done, because none of them is known to have been taken.
    """
    done = _done(data)
    failures: dict[str, ActionFailure] = {}
    for entry in sequence(data, "errors"):
        row = entry if isinstance(entry, Mapping) else {"message": str(entry)}
        named = identifier(mapping(row, "detail"), "package_id")
        unsure = [each for each in sent if each not in done]
        for remote_id in [named] if named in sent else unsure or sent:
            failures.setdefault(remote_id, failure_from_json(row, remote_id))
    return list(failures.values())


def _done(data: JsonObject) -> set[str]:
    return {
        identifier(row, "id")
        for row in sequence(data, "packages")
        if isinstance(row, Mapping)
    }


def failure_from_json(row: JsonObject, remote_id: str) -> ActionFailure:
    """Why one thing was not done."""
    code, words = whole_number(row, "code") or 0, text(row, "message")
    meaning = sentence_for(fault_of(code, words), words)
    return ActionFailure(
        remote_id=remote_id,
        code=code,
        message=words_without(words) or meaning,
        fault=action_fault(code, words),
        meaning=meaning,
    )
