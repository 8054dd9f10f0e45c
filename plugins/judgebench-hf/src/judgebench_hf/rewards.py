"""Rewards: the output of a classification head for a conversation with a response."""

from collections.abc import Callable, Sequence

from judgebench import Completion, Reward, Usage
from judgebench_hf import fitting
from judgebench_hf.likelihood import finite
from judgebench_hf.loading import Loaded
from judgebench_hf.work import Row


class Rewards:
    """Scores responses (Reward); `output` None: the only one."""

    def __init__(self, loaded: Loaded, output: int | None) -> None:
        config = loaded.model.config
        fitting.check_output(output, config.num_labels, config.id2label, "the model")
        self._model, self._prompts, self._device = loaded.model, loaded.prompts, loaded.device
        self._output = output or 0
        self._pad: int | None = config.get_text_config().pad_token_id

    def read(self, request: Reward, stopped: Callable[[], bool]) -> Row:
        """The tokens of the conversation with the response."""
        ids = self._prompts.answered(request.messages, request.response)
        return Row(request, ids, len(ids), stopped)

    def most(self, rows: Sequence[Row]) -> int:
        """All of them where the model knows its padding.

        transformers reads the head at the last token that is not the checkpoint's own `pad_token_id`: with any other
        padding it would read it in the padding, so that without one each row is computed alone.
        """
        return 1 if self._pad is None else len(rows)

    def compute(self, rows: Sequence[Row]) -> list[Completion]:
        """The head's output a row, in float32; rows are padded on the right."""
        import torch

        width, pad = max(len(row.ids) for row in rows), self._pad or 0
        ids = torch.tensor([[*row.ids, *[pad] * (width - len(row.ids))] for row in rows], device=self._device)
        mask = torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in rows], device=self._device)
        found = self._model(input_ids=ids, attention_mask=mask).logits[:, self._output].float().tolist()
        scores = map(finite, found)
        return [Completion(usage=Usage(row.prompt, 0), score=score) for row, score in zip(rows, scores, strict=True)]
