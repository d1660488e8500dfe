"""Dead letters tried again with the templates of today; each becomes events once, however often it is replayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from engagedb.errors import Rejected
from engagedb.settings import Settings
from ingest.batch import PortionBuilder
from ingest.dead_letters import open_letter
from ingest.run import Progress
from ingest.tally import Tally
from ingest.transformer import Transformer
from lake.catalog import Lake
from lake.commit import Checkpoint, commit
from lake.current_key import check_current_key
from lake.dead_letters import find_dead_letters, portions, set_status
from lake.links import link_persons
from lake.template_versions import remember_versions, template_versions
from transforms.pseudonyms import Keyring
from transforms.record import Control, RawRecord
from transforms.vocabulary import DeadLetterStatus


@dataclass(slots=True)
class Replayed:
    """How the letters fared: `tally` counts those that became events, notices or duplicates; `refused` stay open."""

    tried: int
    tally: Tally
    refused: int

    def as_json(self) -> dict[str, Any]:
        fates = self.tally.as_json()
        return {
            "tried": self.tried,
            "replayed": self.tried - self.refused,
            "refused": self.refused,
            "fates": fates["fates"],
            "rows": fates["rows"],
        }


def replay(
    lake: Lake,
    keyring: Keyring,
    settings: Settings,
    letters: pa.Table,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int], Progress] = lambda size: lambda done, records: None,
    checkpoint: Checkpoint = lambda point: None,
) -> Replayed:
    """Try these open letters (rows of find_dead_letters) again; `progress` gets their bytes and gives a meter.

    `checkpoint` is called with `read` before each commit, with the points of the commit, and with `marked` after.

    Events are committed first and the letters marked after, so a crash between the two is healed by the next replay,
    which finds the events stored. Raises LakeError when the key does not open a letter.
    """
    lake.check_key(keyring)
    check_current_key(lake, keyring)
    transformer = Transformer(settings, keyring, template_versions(lake))
    honour = transformer.honour(lake)
    done = Replayed(letters.num_rows, Tally(), 0)
    sizes = dict(zip(letters["dead_letter_id"].to_pylist(), letters["size_bytes"].to_pylist(), strict=True))
    meter, tried = progress(sum(sizes.values())), 0
    for ids in portions(letters):
        builder, succeeded = PortionBuilder(), []
        sealed = find_dead_letters(lake, ids=ids, with_records=True).select(["dead_letter_id", "sealed_record"]).to_pylist()
        kept = [row for row in sealed if row["sealed_record"]]  # the others were erased since they were listed
        done.refused += len(sealed) - len(kept)
        records = transformer.prepared(
            open_letter(keyring, row["dead_letter_id"], row["sealed_record"], max_record_bytes=settings.max_record_bytes) for row in kept
        )
        for row, opened in zip(kept, records, strict=True):
            try:
                if isinstance(opened, RawRecord):
                    builder.add_rows(transformer.normalizer.rows(opened, clock()), anywhere=True)
                elif isinstance(opened, Control):
                    builder.add_control()
                else:
                    raise Rejected(opened.reason, opened.detail)
            except Rejected:
                done.refused += 1
                continue
            succeeded.append(row["dead_letter_id"])
        portion = builder.finish()
        ready = portion.batch()
        link_persons(lake, transformer.pseudonymiser, ready.events, clock(), honour)
        made = set(ready.events["source"].unique().to_pylist())
        remember_versions(lake, [version for version in transformer.versions if version.source in made])
        checkpoint("read")
        done.tally.rows.update(portion.count(commit(lake, ready, clock(), honour=honour, checkpoint=checkpoint), {0: done.tally}))
        set_status(lake, succeeded, DeadLetterStatus.REPLAYED, clock())
        checkpoint("marked")
        tried += len(ids)
        meter(sum(sizes[letter_id] for letter_id in ids), tried)
    return done
