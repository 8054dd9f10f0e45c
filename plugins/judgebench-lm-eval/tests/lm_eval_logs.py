"""Made-up files as lm-eval writes them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DATE = "2026-01-02T03-04-05.678901"


def write(
    folder: Path,
    documents: Mapping[str, list[Any]],
    printed: Mapping[str, Any],
    higher: Mapping[str, bool] | None = None,
) -> Path:
    """Files of one task `t` with these values of each metric; the results file's path."""
    folder.mkdir(exist_ok=True)
    rows = [
        {
            "doc_id": k,
            "doc": {"q": k},
            "arguments": {"gen_args_0": {"arg_0": f"Q {k}", "arg_1": {"until": []}}},
            "resps": [[f"answer {k}", "another"]],
            "filter": "none",
            "metrics": list(documents),
            **{name: values[k] for name, values in documents.items()},
        }
        for k in range(len(next(iter(documents.values()))))
    ]
    (folder / f"samples_t_{DATE}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    results = {
        "results": {"t": {"alias": "t", **{f"{name},none": value for name, value in printed.items()}}, "group": {}},
        "configs": {"t": {}},
        "higher_is_better": {"t": higher or dict.fromkeys(documents, True)},
        "config": {"model": "hf", "model_args": {"pretrained": "ckpts/step-20"}},
        "model_name": "ckpts/step-20",
    }
    path = folder / f"results_{DATE}.json"
    path.write_text(json.dumps(results))
    return path
