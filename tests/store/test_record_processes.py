"""The record between processes: one writes, others may read, a kill gives it free."""

from pathlib import Path

import drawn
import pytest
from drawn import last, program, two_lines

from judgebench.core.errors import RecordError
from judgebench.store.record import Record, read


def test_a_record_is_open_once(tmp_path: Path) -> None:
    with Record(tmp_path), pytest.raises(RecordError, match="is being written by another process") as caught:
        Record(tmp_path)
    assert two_lines(caught)
    Record(tmp_path).__exit__(None, None, None)


def test_a_record_outlives_the_kill_of_its_writer(tmp_path: Path) -> None:
    for more in (1, 40):
        with program(drawn.__file__, "record", str(tmp_path)) as (writer, output):
            said = [output.readline() for _ in range(more)]
            with pytest.raises(RecordError, match="is being written by another process"):
                Record(tmp_path)
            assert len(read(tmp_path).verdicts) >= int(said[-1])  # while the other one writes
            writer.kill()
            said += output.readlines()
        with Record(tmp_path) as record:  # at once: the lock died with its holder
            assert len(record.content.verdicts) in {last(said), last(said) + 1}
